"""The kernel has another name, of another version, in another language's place."""

# %% raw python
def change(notebook):
    notebook.metadata = {
        "kernelspec": {"name": "conda-env-ml-homework-py", "display_name": "Python [conda env:ml]",
                       "language": "python", "env": {"X": "1"}},
        "language_info": {"name": "python", "version": "3.9.18", "mimetype": "text/x-python"},
        "anaconda-cloud": {}, "varInspector": {"cols": {}}, "title": "Homework", "authors": [{"name": "me"}],
    }
