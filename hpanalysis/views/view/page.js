// A page of a report: the data lie beside the script, and the state is in the address.

import { base64 } from "./unpack.js";
import { mount } from "./mount.js";

const text = (id) => document.getElementById(id).textContent;
const address = () => location.hash.slice(1);
const root = document.getElementById("explore");
mount(root, JSON.parse(text("explore-head")), base64(text("explore-bytes").trim()), {
  start: address(),
  changed: (state) => history.replaceState(null, "", `#${state}`),
}).then(
  (app) => {
    addEventListener("hashchange", () => address() !== app.state() && app.setState(address()));
    window.hpanalysis = app;
  },
  (error) => {
    root.prepend(`The linked views could not start: ${error.message}`);
    throw error;
  },
);
