// Rows in an order: buttons and a handle move them and set their hidden numbers; the focus follows a row that is added,
// moved or removed. Django's inlines.js numbers the names of inputs by the order of rows on the page, so the rows are put
// back in the order of their names while it removes one.
"use strict";

{
  const FIELD = 'input:not([type="hidden"], [tabindex="-1"]), select:not([tabindex="-1"]), textarea';
  const rowsOf = (group) => [...group.querySelectorAll(".ordered-row:not(.empty-form)")];
  const numberOf = (row) => Number(row.id.match(/-(\d+)$/)[1]);
  const orderOf = (row) => row.querySelector('input[name$="-position"]');
  const placeOf = (row) => [Number(orderOf(row)?.value) || 0, numberOf(row)];
  const isBefore = ([one, first], [other, second]) => one < other || (one === other && first < second);
  const byPlace = (one, other) => (isBefore(placeOf(one), placeOf(other)) ? -1 : 1);

  const arrange = (rows) => {
    rows.slice(1).forEach((row, place) => {
      if (rows[place].nextElementSibling !== row) {
        rows[place].after(row);
      }
    });
  };

  const nameButtons = (group) => {
    const rows = rowsOf(group);
    rows.forEach((row, place) => {
      row.querySelectorAll("[data-move], [data-handle]").forEach((tool) => (tool.hidden = rows.length < 2));
      row.querySelector('[data-move="up"]')?.toggleAttribute("disabled", place === 0);
      row.querySelector('[data-move="down"]')?.toggleAttribute("disabled", place === rows.length - 1);
    });
  };

  // Numbers the rows if their numbers do not already say this order.
  const number = (group) => {
    const rows = rowsOf(group);
    if (rows.some((row, place) => place && !isBefore(placeOf(rows[place - 1]), placeOf(row)))) {
      rows.forEach((row, place) => {
        const input = orderOf(row);
        if (input && Number(input.value) !== place) {
          input.value = place;
          input.dispatchEvent(new Event("change", { bubbles: true }));
        }
      });
    }
    nameButtons(group);
  };

  const move = (group, row, after) => {
    const rows = rowsOf(group).filter((each) => each !== row);
    const first = rowsOf(group)[0];
    if (after) {
      after.after(row);
    } else if (first !== row) {
      first.before(row);
    }
    number(group);
  };

  const step = (button) => {
    const row = button.closest(".ordered-row");
    const group = row.closest("[data-ordered-rows]");
    const rows = rowsOf(group);
    const place = rows.indexOf(row);
    const isUp = button.dataset.move === "up";
    move(group, row, rows[isUp ? place - 2 : place + 1]);
    // a button that has become useless hands the focus to the other one
    (button.disabled ? row.querySelector("[data-move]:not([disabled])") : button)?.focus();
  };

  // Removing a stored row ticks its box, so that it goes when the form is saved.
  const markRemoved = (group, row, box, button) => {
    row.classList.toggle("is-removed", box.checked);
    button.textContent = box.checked ? group.dataset.putBack : group.dataset.remove;
  };

  const offerRemoval = (group, row) => {
    const box = row.querySelector('.row-tools input[name$="-DELETE"]');
    const link = row.querySelector("h3 .inline-deletelink");
    const tools = row.querySelector(".row-tools");
    if (link) {
      tools.append(link.parentElement);
    }
    if (!box || row.querySelector("[data-remove-row]")) {
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.removeRow = "";
    box.parentElement.hidden = true;
    tools.append(button);
    button.addEventListener("click", () => {
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    box.addEventListener("change", () => markRemoved(group, row, box, button));
    markRemoved(group, row, box, button);
  };

  const prepare = (group, row) => {
    orderOf(row)?.closest(".form-row")?.setAttribute("hidden", "");
    offerRemoval(group, row);
  };

  const focusIn = (row) => row?.querySelector(FIELD)?.focus();

  const added = (event) => {
    const group = event.target.closest("[data-ordered-rows]");
    if (!group) {
      return;
    }
    prepare(group, event.target);
    const before = rowsOf(group).at(-2);
    if (before && orderOf(event.target)) {
      orderOf(event.target).value = orderOf(before).value;
    }
    number(group);
    if (!("addsQuietly" in group.dataset)) {
      focusIn(event.target);
    }
  };

  // Removing a new row

  let removal = null;

  const beforeRemoval = (event) => {
    const row = event.target.closest?.(".ordered-row .inline-deletelink")?.closest(".ordered-row");
    const group = row?.closest("[data-ordered-rows]");
    if (group) {
      const rows = rowsOf(group);
      removal = { group, rest: rows.filter((each) => each !== row), place: rows.indexOf(row) };
      arrange([...rows].sort((one, other) => numberOf(one) - numberOf(other)));
    }
  };

  const afterRemoval = () => {
    if (removal) {
      const { group, rest, place } = removal;
      removal = null;
      arrange(rest);
      number(group);
      const next = rest[Math.min(place, rest.length - 1)];
      (next?.querySelector(FIELD) ?? group.querySelector(".add-row a"))?.focus();
    }
  };

  // Dragging

  let dragged = null;

  const dragOver = (event) => {
    const over = dragged && event.target.closest?.(".ordered-row");
    const group = dragged?.closest("[data-ordered-rows]");
    if (over && over.closest("[data-ordered-rows]") === group) {
      event.preventDefault();
      const { top, height } = over.getBoundingClientRect();
      const rows = rowsOf(group).filter((row) => row !== dragged);
      const place = rows.indexOf(over);
      if (place >= 0) {
        move(group, dragged, event.clientY > top + height / 2 ? over : rows[place - 1]);
      }
    }
  };

  const start = () => {
    document.querySelectorAll("[data-ordered-rows]").forEach((group) => {
      const rows = rowsOf(group);
      rows.forEach((row) => prepare(group, row));
      // a refused form comes back in the order of its names
      arrange([...rows].sort(byPlace));
      nameButtons(group);
      const add = group.querySelector(".add-row a");
      if (add) {
        add.textContent = group.dataset.add;
      }
    });
    document.addEventListener("formset:added", added);
    document.addEventListener("click", beforeRemoval, true);
    document.addEventListener("click", afterRemoval);
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-ordered-rows] [data-move]");
      if (button) {
        step(button);
      }
    });
    // the links that add and remove say that they are buttons
    document.addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.matches?.('[data-ordered-rows] a[role="button"]')) {
        event.preventDefault();
        event.target.click();
      }
    });
    document.addEventListener("dragstart", (event) => {
      dragged = event.target.closest?.("[data-handle]")?.closest(".ordered-row") ?? null;
      dragged?.classList.add("is-dragged");
    });
    document.addEventListener("dragover", dragOver);
    document.addEventListener("dragend", () => {
      dragged?.classList.remove("is-dragged");
      dragged = null;
    });
  };

  // after inlines.js, which has drawn its links then
  window.django.jQuery(start);
}
