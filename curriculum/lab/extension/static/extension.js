// When a notebook of the curriculum opens, run the cells that are tagged `on_open`: the home page,
// a lesson's header, its hints and its "Check my work" button are then there without a key press.
//
// Only cells that JupyterLab trusts are run: those of notebooks that this user's own `curriculum`
// command or kernel has signed. A notebook from elsewhere runs nothing by being opened.
//
// This is a module-federation container written by hand, as JupyterLab expects of a prebuilt
// extension, so that sixty lines of JavaScript need no build chain.
(() => {
  const NAME = 'ml-interview-curriculum';
  const TAG = 'on_open';
  let shared = {};

  // Give a module of JupyterLab's own, the very instance that JupyterLab uses.
  async function use(name) {
    const versions = shared[name];
    const version = versions[Object.keys(versions)[0]];
    return (await version.get())();
  }

  function opening(notebook) {
    return notebook.widgets.filter(
      cell =>
        cell.model.type === 'code' &&
        cell.model.trusted &&
        (cell.model.getMetadata('tags') || []).includes(TAG)
    );
  }

  function makePlugin({ INotebookTracker, NotebookActions }) {
    async function greet(panel) {
      await panel.context.ready;
      await panel.sessionContext.ready;
      const cells = opening(panel.content);
      if (cells.length && panel.sessionContext.session?.kernel) {
        await NotebookActions.runCells(panel.content, cells, panel.sessionContext);
      }
    }

    return {
      id: `${NAME}:on-open`,
      description: 'Runs the cells tagged on_open of a trusted notebook when it opens.',
      autoStart: true,
      requires: [INotebookTracker],
      activate: (app, tracker) => {
        tracker.widgetAdded.connect((_, panel) => {
          greet(panel).catch(error => console.warn(`${NAME}: ${error}`));
        });
      }
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const plugin = makePlugin(await use('@jupyterlab/notebook'));
      return () => ({ __esModule: true, default: plugin });
    }
  };
})();
