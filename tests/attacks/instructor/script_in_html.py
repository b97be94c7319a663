"""Shows HTML with scripts: elements, handlers, addresses, styles, frames."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
from IPython.display import HTML, display

for text in (
    "<script>fetch('/api/contents?pwned-by-a-student')</script>",
    "<img src=x onerror=\"alert('pwned-by-a-student')\">",
    "<svg onload=\"alert('pwned-by-a-student')\"><script>alert('pwned-by-a-student')</script></svg>",
    "<a href=\"javascript:alert('pwned-by-a-student')\">grade</a>",
    "<a href=\"java\nscript:alert('pwned-by-a-student')\">grade</a>",
    "<iframe srcdoc=\"<script>alert('pwned-by-a-student')</script>\"></iframe>",
    "<iframe src=\"data:text/html,<script>'pwned-by-a-student'</script>\"></iframe>",
    "<object data=\"https://example.com/pwned-by-a-student\"></object>",
    "<style>@import 'https://example.com/pwned-by-a-student'; body{background:url(//example.com/pwned-by-a-student)}</style>",
    "<div style=\"position:fixed;inset:0;background:url(https://example.com/pwned-by-a-student)\">x</div>",
    "<meta http-equiv=refresh content=\"0;url=https://example.com/pwned-by-a-student\">",
    "<base href=\"https://example.com/pwned-by-a-student/\">",
    "<link rel=stylesheet href=\"https://example.com/pwned-by-a-student\">",
    "<video poster=\"https://example.com/pwned-by-a-student\"><source onerror=\"alert('pwned-by-a-student')\"></video>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=1 onerror=alert('pwned-by-a-student')>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert('pwned-by-a-student')>\">",
    "<template><script>alert('pwned-by-a-student')</script></template>",
    "<details open ontoggle=\"alert('pwned-by-a-student')\">",
    "</div></div></body><script>alert('pwned-by-a-student')</script>",
):
    display(HTML(text))
