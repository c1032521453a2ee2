// The page of all claims: one field that finds claims, and columns that sort. Without the script the page is whole.

import { button, element } from "./draw.js";
import { plural } from "./numbers.js";

const REST = 150;

// What a cell says as a number: "< 0.001" comes before 0.001, and a dash or nothing after all numbers.
export function sortKey(text) {
  const plain = text.trim().replaceAll(",", "").replace("−", "-");
  const number = parseFloat(plain.replace(/^[<>]\s*/, ""));
  if (Number.isNaN(number)) return null;
  return plain.startsWith("<") ? number * (1 - 1e-9) : number;
}

export function sortTable(table, column, descending) {
  const body = table.tBodies[0];
  const text = (row) => row.cells[column].textContent;
  const rows = [...body.rows].map((row, at) => ({ row, at, text: text(row), number: sortKey(text(row)) }));
  const numbers = rows.every((r) => r.number !== null || !/[\p{L}\d]/u.test(r.text));
  const compare = (a, b) => {
    if (!numbers) return a.text.localeCompare(b.text, "en", { numeric: true });
    // What is missing stays last, whichever way.
    if (a.number === null || b.number === null) return (descending ? -1 : 1) * ((a.number === null) - (b.number === null));
    return a.number - b.number;
  };
  rows.sort((a, b) => (descending ? compare(b, a) : compare(a, b)) || a.at - b.at);
  body.append(...rows.map((r) => r.row));
}

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const turn = () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortTable(table, column, descending);
    };
    head.replaceChildren(button(head.textContent, turn, { class: "sort" }));
  });
}

// Every word must occur, in the row, in its caption or in the name of its part.
function search(parts, words) {
  let found = 0;
  for (const { section, name, rows, folds } of parts) {
    let here = 0;
    for (const { row, text } of rows) {
      const hit = words.every((word) => text.includes(word) || name.includes(word));
      row.hidden = !hit;
      here += hit;
    }
    section.hidden = words.length > 0 && here === 0;
    for (const { fold, open } of folds) {
      fold.hidden = words.length > 0 && !fold.querySelector("tbody tr:not([hidden])");
      fold.open = words.length ? !fold.hidden : open;
    }
    found += here;
  }
  return found;
}

function start(main) {
  const parts = [...main.querySelectorAll("section")].map((section) => ({
    section,
    name: section.querySelector("h2").textContent.toLowerCase(),
    rows: [...section.querySelectorAll("tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
    folds: [...section.querySelectorAll("details")].map((fold) => ({ fold, open: fold.open })),
  }));
  if (!parts.length) return;
  main.querySelectorAll("table").forEach(sortable);
  const said = element("output", { "aria-live": "polite", class: "soft" });
  const words = () => field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const find = () => {
    const asked = words();
    const found = search(parts, asked);
    said.textContent = asked.length ? plural(found, "row") : "";
  };
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(find, REST);
  };
  const field = element("input", { type: "search", placeholder: "learning_rate cifar10", oninput: later });
  const label = element("label", {}, "Find claims by all of these words ", field, " ", said);
  main.querySelector("section").before(element("p", { class: "find" }, label));
}

start(document.querySelector("main"));
