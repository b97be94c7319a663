"""`make bench`: run every benchmark, one after the other."""

from benchmarks import build_time, grading, hub_load, notebook_time, widget_frame

for benchmark in (build_time, grading, hub_load, notebook_time, widget_frame):
    print(f"\n{benchmark.__name__}: {(benchmark.__doc__ or '').strip().splitlines()[0]}\n")
    benchmark.main()
