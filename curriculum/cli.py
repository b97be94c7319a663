"""The `curriculum` command."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from curriculum import catalog
from curriculum.files import WriteError
from curriculum.hub import archives, institution

if TYPE_CHECKING:
    from curriculum.authoring.mutants import Survivor


class UserError(Exception):
    """Something that the user can mend; the message is one sentence that says how."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command; what a user can cause ends in one sentence and exit status 2."""
    options = _parser().parse_args(argv)
    try:
        options.run(options)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        if not _is_users(error):
            raise
        if getattr(options, "json", False):
            _say_json({"error": str(error)})
            sys.exit(2)
        sys.exit(_complain(str(error)))


def _is_users(error: Exception) -> bool:
    """Tell the errors that carry a sentence for the user from those that are our own fault."""
    names = {
        "GradingError",
        "HubError",
        "LabError",
        "LogError",
        "MutationError",
        "SourceError",
        "WorkError",
    }
    kinds = (UserError, WriteError, catalog.CatalogError)
    return isinstance(error, kinds) or type(error).__name__ in names


def _complain(message: str) -> int:
    print(f"curriculum: {message}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curriculum", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    lab = _command(commands, "lab", _lab, "open the curriculum in JupyterLab")
    lab.add_argument("--port", type=int, help="the port to serve on (default: a free one)")
    lab.add_argument("--ip", default="localhost", help="the address to serve on")
    lab.add_argument("--no-browser", action="store_true", help="print the address only")

    prepare = _command(commands, "prepare", _prepare, "copy new notebooks to work/")
    take = _command(commands, "take", _take, "take the new version of a notebook")
    take.add_argument("notebook", metavar="TOPIC/NOTEBOOK")

    check = _command(commands, "check", _check, "grade what you wrote, as an instructor would")
    check.add_argument("topic", metavar="TOPIC")
    check.add_argument("--notebook", metavar="NAME", help="one notebook, e.g. 2_build")
    check.add_argument("--json", action="store_true", help="one JSON object a line")

    grade = _command(commands, "grade", _grade, "grade a class: all submissions of a topic")
    _grade_options(grade)

    class_ = commands.add_parser("class", help="see where a class stands, from the gradebook")
    steps = class_.add_subparsers(required=True, metavar="STEP")
    view = _command(steps, "view", _class_view, "write pages and notebooks for the instructor")
    view.add_argument("topic", metavar="TOPIC", nargs="?", help="one topic (default: all)")
    view.add_argument("--to", type=Path, metavar="FOLDER", help="a folder (default: class_view/)")

    build = _command(commands, "build", _build, "build source notebooks and release/")
    build.add_argument("topics", nargs="*", metavar="TOPIC")
    build.add_argument(
        "--quick",
        action="store_true",
        help="don't look whether every test works in a process of its own",
    )

    rehearse = _command(commands, "rehearse", _rehearse, "run every solution, mistake, alternative")
    rehearse.add_argument("topics", nargs="*", metavar="TOPIC")
    rehearse.add_argument("--notebook", metavar="NAME", help="one notebook, e.g. 2_build")

    mutate = _command(commands, "mutate", _mutate, "see which broken solutions the tests let pass")
    mutate.add_argument("topics", nargs="*", metavar="TOPIC")
    mutate.add_argument("--notebook", metavar="NAME", help="one notebook, e.g. 2_build")

    hub = commands.add_parser("hub", help="a class on JupyterHub")
    steps = hub.add_subparsers(required=True, metavar="STEP")
    start = _command(steps, "start", _hub_start, "make a class where there is none, and open it")
    start.add_argument("--class", dest="of", type=Path, metavar="FOLDER", help="default: class/")
    add = _command(steps, "add", _hub_add, "take somebody in, with a first password")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=["student", "grader", "instructor"], default="student")
    add.add_argument("--class", dest="of", type=Path, metavar="FOLDER", help="default: class/")
    institution.add(steps, _command)
    archives.add(steps, _command)

    _command(commands, "doctor", _doctor, "say how well this machine protects what it grades")
    _command(commands, "topics", _topics, "list the topics")
    for command in (lab, prepare, take, check):
        command.add_argument("--work", type=Path, help="your folder (default: work/)")
    return parser


def _command(
    commands: argparse._SubParsersAction,
    name: str,
    run: Callable[[argparse.Namespace], None],
    about: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def course_root() -> Path | None:
    """Find the course: the nearest folder above with `nbgrader_config.py` and `source/`.

    None where there is none, as in a class, whose course the instructor keeps.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "nbgrader_config.py").exists() and (folder / "source").is_dir():
            return folder
    return None


def find_root() -> Path:
    """Find the course, which the command needs.

    Raises
    ------
    UserError
        There is none here, nor around the package.
    """
    root = course_root()
    if root is None:
        raise UserError(
            "The course is not here: go to the folder of the curriculum that holds"
            " nbgrader_config.py and source/, and run the command there."
        )
    return root


def _work(options: argparse.Namespace, root: Path) -> Path:
    # A link is not followed: JupyterLab serves the course, and what is linked into it.
    return Path(os.path.normpath((options.work or root / "work").absolute()))


def _lab(options: argparse.Namespace) -> None:
    from curriculum import lab

    root = find_root()
    lab.start(
        root,
        _work(options, root),
        port=options.port,
        ip=options.ip,
        browser=not options.no_browser,
    )


def _prepare(options: argparse.Namespace) -> None:
    from curriculum import lab

    root = find_root()
    for sentence in lab.prepare(root, _work(options, root)) or ["Everything is up to date."]:
        print(sentence)


def _take(options: argparse.Namespace) -> None:
    from curriculum.learner import work

    root = find_root()
    topic, _, notebook = options.notebook.partition("/")
    if notebook not in catalog.load()[topic].notebooks:
        raise UserError(f"Name a notebook as TOPIC/NOTEBOOK, e.g. {topic}/2_build.")
    former = work.take(work.Copy(topic, notebook, _work(options, root), root / "release"))
    print(f"Your answers are in the new version; your former copy is {former}")


def _check(options: argparse.Namespace) -> None:
    from curriculum.grading import alone, visible
    from curriculum.learner.feedback import feedback_text

    tell = _progress_json if options.json else _progress_text
    root = course_root()
    if root:
        work = _work(options, root)
        done = alone.check(
            options.topic, root=root, work=work, notebook=options.notebook, progress=tell
        )
    else:
        work = (options.work or Path.cwd()).resolve()
        done = visible.check(options.topic, work=work, notebook=options.notebook, progress=tell)
    attempt = done.as_dict()
    if options.json:
        _say_json({"attempt": attempt})
        return
    for result in attempt["notebooks"]:
        print(feedback_text(result, options.topic))


def _progress_json(doing: str, done: int, total: int) -> None:
    _say_json({"doing": doing, "done": done, "total": total})


def _progress_text(doing: str, done: int, total: int) -> None:
    print(f"[{done}/{total}] {doing}", file=sys.stderr, flush=True)


def _say_json(message: dict) -> None:
    print(json.dumps(message), flush=True)


def _grade_options(parser: argparse.ArgumentParser) -> None:
    parser.usage = (
        "curriculum grade TOPIC [options]\n"
        "       curriculum grade replay STUDENT TOPIC\n"
        "       curriculum grade record [STUDENT TOPIC] [--kept HASH]"
    )
    parser.add_argument(
        "words",
        metavar="TOPIC",
        nargs="+",
        help="grade this topic, whatever its name; replay STUDENT TOPIC: run a submission again,"
        " write nothing, say whether its grade is the same; record: who gave which grade when,"
        " and whether that is as it was written",
    )
    parser.add_argument(
        "--student",
        metavar="S",
        action="append",
        default=[],
        help="a student's name, or a pattern in quotes; may be given more than once",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="notebooks at once (default: cores)"
    )
    parser.add_argument("--cluster", metavar="ADDRESS", help="run notebooks on a Dask cluster")
    parser.add_argument("--force", action="store_true", help="grade what has not changed, too")
    parser.add_argument(
        "--watch", action="store_true", help="stay, and grade what arrives in the exchange"
    )
    parser.add_argument(
        "--kept",
        metavar="HASH",
        help="with record: a hash that it once ended with; a row must have it",
    )
    parser.add_argument(
        "--run-student-code-unprotected",
        action="store_true",
        help="where there is no sandbox: let students' code read the answer key, change grades",
    )


def _grade(options: argparse.Namespace) -> None:
    from curriculum.grading import command
    from curriculum.grading.records import replay

    root = find_root()
    first, *rest = options.words
    steps = {"replay": (replay.replay, _NOT_REPLAY), "record": (replay.show_record, _NOT_RECORD)}
    is_topic = not rest and (first not in steps or (root / "source" / first).is_dir())
    if is_topic:
        _refuse(options, ["kept"], "`curriculum grade TOPIC`")
        options.topic = first
        sys.exit(command.grade(options, root))
    if first not in steps or len(rest) not in ((0, 2) if first == "record" else (2,)):
        raise UserError(
            "Name one topic, as in `curriculum grade TOPIC`, or a student and a topic, as in"
            " `curriculum grade replay STUDENT TOPIC`; `curriculum grade --help` has all forms."
        )
    run, refused = steps[first]
    _refuse(options, refused, f"`curriculum grade {first}`")
    options.name, options.topic = rest or ("", "")
    sys.exit(run(options, root))


def _class_view(options: argparse.Namespace) -> None:
    from curriculum.grading.classview import command

    command.view(options, find_root())


_NOT_REPLAY = ["student", "force", "watch", "kept"]
_NOT_RECORD = [
    "student",
    "force",
    "watch",
    "workers",
    "cluster",
    "run_student_code_unprotected",
]


def _refuse(options: argparse.Namespace, names: Sequence[str], command: str) -> None:
    for name in names:
        if getattr(options, name):
            raise UserError(f"--{name.replace('_', '-')} does not go with {command}.")


def _hub_start(options: argparse.Namespace) -> None:
    from curriculum.hub import start

    root = find_root()
    start.start((options.of or root / "class").resolve(), root)


def _hub_add(options: argparse.Namespace) -> None:
    from curriculum.hub import start
    from curriculum.hub.folder import Class

    of = Class((options.of or find_root() / "class").resolve())
    print(start.add(of, options.name, options.role))


def _build(options: argparse.Namespace) -> None:
    from curriculum.authoring import topics

    root = find_root()
    for built in topics.build(options.topics, root, catalog.load(), quick=options.quick):
        print(built)


def _rehearse(options: argparse.Namespace) -> None:
    from curriculum.authoring.rehearse import rehearse, rehearse_apart

    root = find_root()
    faults = 0
    for topic in options.topics or [topic.id for topic in catalog.load()]:
        for name in [options.notebook] if options.notebook else catalog.load()[topic].notebooks:
            path = root / "source" / topic / f"{name}.py"
            for how, play in (("", rehearse), (", tests apart", rehearse_apart)):
                result = play(path)
                faults += len(result.faults)
                counts = f"{len(result.played)} parts, {len(result.faults)} at fault"
                print(f"{topic}/{name}{how}: {counts}")
                for fault in result.faults:
                    print(f"  {fault}")
    if faults:
        raise UserError(f"{faults} parts are not graded as they should be.")


def _mutate(options: argparse.Namespace) -> None:
    from curriculum.authoring import mutants

    root, unexplained = find_root(), 0
    for topic in options.topics or [topic.id for topic in catalog.load()]:
        known = mutants.known_survivors(root / "tests" / "mutants" / f"{topic}.toml")
        for name in [options.notebook] if options.notebook else catalog.load()[topic].notebooks:
            path = root / "source" / topic / f"{name}.py"
            unexplained += _mutate_notebook(path, known.get(name, []))
    if unexplained:
        raise UserError(f"{unexplained} mutants passed their tests, and nobody has said why.")


def _mutate_notebook(path: Path, known: list[Survivor]) -> int:
    """Run a notebook's mutants and print what became of them; give how many are unexplained."""
    from curriculum.authoring import mutants

    outcomes = []
    for exercise, outcome in mutants.try_all(path):
        total = len(outcome.caught) + len(outcome.survived)
        print(f"  {exercise}: {len(outcome.caught)} of {total} caught", flush=True)
        outcomes.append(outcome)
    whole = mutants.Outcome(
        path,
        [one for outcome in outcomes for one in outcome.caught],
        [one for outcome in outcomes for one in outcome.survived],
    )
    caught, survived = len(whole.caught), len(whole.survived)
    print(
        f"{path.parent.name}/{path.stem}: {caught + survived} mutants, {caught} caught:"
        f" {whole.share(known):.1%} of those that change a result"
    )
    unexplained = whole.unexplained(known)
    for mutant in unexplained:
        print(f"  not explained: {mutant}")
    return len(unexplained)


def _doctor(options: argparse.Namespace) -> None:
    from curriculum.sandbox import levels

    print(levels.report())


def _topics(options: argparse.Namespace) -> None:
    for topic in catalog.load():
        print(f"{topic.id:24} {topic.total_minutes:4} min  {topic.title}")
