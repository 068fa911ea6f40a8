// Reads what a form holds, and fills a form with it again: used by the script that keeps what has not been saved.
"use strict";

window.typedValues = (() => {
  const LEFT_OUT = new Set(["csrfmiddlewaretoken", "typing_id"]);
  const NOT_READ = new Set(["file", "password", "submit", "button", "image", "reset", "fieldset", "output"]);
  // counts and ids of rows, and the version of the record, belong to the page
  const OF_THE_PAGE = /(^edit_token|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|-\d+-(id|agreement))$/;
  const MOST_ROWS = 200;

  const fieldsOf = (form) =>
    [...form.elements].filter(
      (field) =>
        field.name &&
        !field.disabled &&
        !NOT_READ.has(field.type) &&
        !LEFT_OUT.has(field.name) &&
        !field.name.includes("__prefix__"),
    );

  // {name: {values, texts}}; an unticked box has no values
  const read = (form) => {
    const typed = {};
    for (const field of fieldsOf(form)) {
      const kept = (typed[field.name] ??= { values: [] });
      if (field.selectedOptions) {
        const chosen = [...field.selectedOptions];
        kept.values.push(...chosen.map((option) => option.value));
        kept.texts = chosen.map((option) => option.textContent.trim());
      } else if (!["checkbox", "radio"].includes(field.type) || field.checked) {
        kept.values.push(field.value);
      }
    }
    return typed;
  };

  const valuesOf = (typed) => JSON.stringify(Object.entries(typed).map(([name, kept]) => [name, kept.values]));

  const addRows = (form, typed) => {
    for (const [name, kept] of Object.entries(typed)) {
      const prefix = /^(.+)-TOTAL_FORMS$/.exec(name)?.[1];
      const total = prefix && form.elements[name];
      const button = prefix && document.querySelector(`#${CSS.escape(prefix)}-group .add-row a, [data-add-row="${CSS.escape(prefix)}"]`);
      const wanted = Math.min(Number(kept.values[0]) || 0, MOST_ROWS);
      for (let pressed = 0; button && total && Number(total.value) < wanted && pressed < MOST_ROWS; pressed += 1) {
        button.click();
      }
    }
  };

  const choose = (select, kept) => {
    kept.values.forEach((value, at) => {
      if (![...select.options].some((option) => option.value === value)) {
        select.add(new Option(kept.texts?.[at] ?? value, value));
      }
    });
    for (const option of select.options) {
      option.selected = kept.values.includes(option.value);
    }
  };

  const tell = (field) => {
    for (const kind of ["input", "change"]) {
      field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  };

  const fill = (form, typed) => {
    addRows(form, typed);
    const taken = {};
    for (const field of fieldsOf(form)) {
      const kept = typed[field.name];
      if (!kept || OF_THE_PAGE.test(field.name)) {
        continue;
      }
      if (field.selectedOptions) {
        choose(field, kept);
      } else if (["checkbox", "radio"].includes(field.type)) {
        field.checked = kept.values.includes(field.value);
      } else {
        const at = (taken[field.name] ??= 0);
        taken[field.name] += 1;
        field.value = kept.values[at] ?? field.value;
      }
      tell(field);
    }
  };

  // a form of hidden inputs that sends the values as they were typed
  const sendable = (typed, action, token) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    const inputs = Object.entries(typed).flatMap(([name, kept]) => kept.values.map((value) => [name, value]));
    for (const [name, value] of [...inputs, ["csrfmiddlewaretoken", token], ["_continue", "1"]]) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
    return form;
  };

  return { read, valuesOf, fill, sendable };
})();
