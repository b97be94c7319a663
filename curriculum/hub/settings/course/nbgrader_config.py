"""nbgrader where a course is taught: the exchange is that of the course's desk."""

import os

c = get_config()  # type: ignore[name-defined]

c.Exchange.root = os.environ["CURRICULUM_EXCHANGE_ROOT"]
c.CourseDirectory.course_id = os.environ["CURRICULUM_COURSE"]
c.CourseDirectory.root = os.environ["CURRICULUM_LAB_ROOT"]
# The desk alone writes there: it says whose a submission is, and when it came.
c.ExchangeCollect.check_owner = False
c.ExchangeCollect.receivers_time = False
