// The same component in JupyterLab. The state goes both ways; Python knows from it which runs are selected.

import { mount } from "./mount.js";

export default {
  async render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    const bytes = model.get("_bytes");
    const app = await mount(root, JSON.parse(model.get("_head")), new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      start: model.get("state"),
      changed(state) {
        if (model.get("state") === state) return;
        model.set("state", state);
        model.save_changes();
      },
    });
    const listen = () => model.get("state") !== app.state() && app.setState(model.get("state"));
    model.on("change:state", listen);
    return () => {
      model.off("change:state", listen);
      app.destroy();
    };
  },
};
