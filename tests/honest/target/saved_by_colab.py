"""Saved by Google Colab: its metadata, its ids, its outputs, forms and hidden cells."""

# %% first
#@title Settings { run: "auto", display-mode: "form" }
n = 5 #@param {type:"slider", min:0, max:10}
try:
    from google.colab import drive
    drive.mount("/content/drive")
    IN_COLAB = True
except ImportError:
    IN_COLAB = False
# !pip install --quiet numpy

# %% raw python
def change(notebook):
    notebook.nbformat_minor = 0
    notebook.metadata = {
        "colab": {"provenance": [], "collapsed_sections": [], "gpuType": "T4", "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"a": {"model_name": "x"}}},
    }
    for place, one in enumerate(notebook.cells):
        one.pop("id", None)
        one.metadata.update(id=f"aBcD{place}_-eF", colab={"base_uri": "https://localhost:8080/"},
                            outputId="0f", cellView="form", executionInfo={"status": "ok"})
