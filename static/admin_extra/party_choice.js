// A party's field: suggests parties while somebody types, and creates a new one in a dialog over the page. What is sent
// is the select below it; text for which nothing was chosen keeps the form from being sent.
"use strict";

{
  const jQuery = window.django.jQuery;
  const fields = new WeakMap();
  const PRESS = 400;
  let count = 0;

  const chosenOption = (select) => select.selectedOptions[0];
  const nameOf = (select) => (select.value ? chosenOption(select).textContent.trim() : "");

  const set = (select, party) => {
    let option = [...select.options].find((each) => each.value === String(party?.id ?? ""));
    if (!option) {
      option = new Option(party?.name ?? "", party?.id ?? "");
      select.append(option);
    }
    if (party?.short) {
      option.dataset.short = party.short;
    }
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // The dialog

  // What has to be looked at first: what was refused, a party that may be the same, the country if nothing names it.
  const firstOf = (dialog) => {
    const country = dialog.querySelector('select[name="country"]');
    return (
      dialog.querySelector(".errors :is(input, select)") ??
      dialog.querySelector("[data-use]") ??
      (country?.value === "" ? country : dialog.querySelector("[type=submit]"))
    );
  };

  const fetched = async (dialog, options, url) => {
    const answer = await fetch(url, options);
    if (answer.redirected || answer.status === 403 || answer.status >= 500) {
      throw new Error("no answer");
    }
    if (answer.status === 201) {
      return answer.json();
    }
    dialog.innerHTML = await answer.text();
    dialog.querySelectorAll("select[data-party-choice]").forEach(enhance);
    firstOf(dialog).focus();
    return null;
  };

  const openDialog = (select, name) => {
    const { input } = fields.get(select);
    const dialog = document.createElement("dialog");
    dialog.className = "party-dialog app-agreements";
    dialog.setAttribute("aria-labelledby", "party-in-place");

    const chosen = (party) => {
      dialog.close();
      set(select, party);
    };
    const failed = () => {
      dialog.close();
      complain(select, select.dataset.failed);
    };

    dialog.addEventListener("close", () => {
      dialog.remove();
      input.focus();
    });
    dialog.addEventListener("click", (event) => {
      const used = event.target.closest("[data-use]");
      if (used) {
        chosen({ id: used.dataset.use, name: used.dataset.name, short: used.dataset.short });
      } else if (event.target.closest("[data-cancel]")) {
        dialog.close();
      }
    });
    // in a select, too, Enter sends what is complete
    dialog.addEventListener("keydown", (event) => {
      const { form } = event.target;
      if (event.key === "Enter" && event.target.matches("select") && form.elements.name.value.trim() && form.elements.kind.value) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const form = event.target;
      const send = form.querySelector("[type=submit]");
      if (send.disabled || unresolved(form)) {
        return;
      }
      send.disabled = true;
      try {
        const party = await fetched(dialog, { method: "POST", body: new URLSearchParams(new FormData(form)) }, form.action);
        if (party) {
          chosen(party);
        }
      } catch {
        failed();
      }
    });
    document.body.append(dialog);
    fetched(dialog, {}, `${select.dataset.create}?${new URLSearchParams({ name })}`).then(() => {
      dialog.showModal();
      firstOf(dialog).focus();
    }, failed);
  };

  // The field

  const complain = (select, sentence) => {
    const { input, note } = fields.get(select);
    note.textContent = sentence;
    note.hidden = !sentence;
    input.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) {
      input.setAttribute("aria-invalid", "true");
    }
  };

  const isUnresolved = (select) => {
    const { input } = fields.get(select);
    return input.value.trim() !== "" && input.value.trim() !== nameOf(select);
  };

  // The first field under `root` whose text chose nothing, after saying so at it.
  const unresolved = (root) => {
    const found = [...root.querySelectorAll("select[data-party-choice]")].find(
      (select) => fields.has(select) && isUnresolved(select) && !select.closest(".is-removed"),
    );
    if (found) {
      complain(found, found.dataset.unchosen);
      fields.get(found).input.focus();
    }
    return Boolean(found);
  };

  const enhance = (select) => {
    if (fields.has(select) || select.closest(".empty-form")) {
      return;
    }
    const label = document.querySelector(`label[for="${select.id}"]`);
    const field = document.createElement("div");
    const input = document.createElement("input");
    const note = document.createElement("p");
    field.className = "combobox";
    note.className = "combobox-note";
    note.hidden = true;
    note.id = `party-note${(count += 1)}`;
    note.setAttribute("role", "alert");
    input.type = "text";
    input.value = nameOf(select);
    input.setAttribute("aria-describedby", note.id);
    input.required = select.required;
    if (label) {
      label.id ||= `party-label${count}`;
      input.setAttribute("aria-labelledby", label.id);
    }
    field.append(input, note);
    select.after(field);
    // the select stays where links to its errors lead
    select.classList.add("visually-hidden");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    select.addEventListener("focus", () => input.focus());
    if (document.activeElement === select) {
      input.focus();
    }
    fields.set(select, { input, note });
    select.parentElement.querySelector(".add-related")?.setAttribute("hidden", "");

    window.suggesting(input, {
      label: { id: label?.id, text: "" },
      find: async (term, signal) => {
        const answer = await window.suggestionsFrom(select.dataset.partyChoice, { term }, signal);
        if (!answer) {
          return null;
        }
        const create = select.dataset.create && answer.create;
        const opens = create ? [{ name: create, told: answer.create_told, opens: term }] : [];
        return { status: answer.status, entries: [...answer.results, ...opens] };
      },
      choose: (party) => {
        if (party.opens) {
          openDialog(select, party.opens);
          return;
        }
        set(select, party);
        // typing on replaces the name
        if (document.activeElement === input) {
          input.select();
        }
      },
    });
    input.addEventListener("focus", () => input.select());
    input.addEventListener("input", () => complain(select, ""));
    input.addEventListener("blur", () => {
      if (!input.value.trim() && select.value) {
        set(select, null);
      }
      // not while the dialog is being opened or shown; and what is being pressed must not move away
      setTimeout(() => {
        const isElsewhere = document.activeElement !== input && !document.querySelector(".party-dialog");
        complain(select, isElsewhere && isUnresolved(select) ? select.dataset.unchosen : "");
      }, PRESS);
    });
  };

  const start = () => {
    const all = (root) => root.querySelectorAll("select[data-party-choice]").forEach(enhance);
    all(document);
    document.addEventListener("formset:added", (event) => all(event.target));
    // pop-ups set the select, too, and trigger only jQuery events
    jQuery(document).on("change", "select[data-party-choice]", (event) => {
      const known = fields.get(event.target);
      if (known) {
        known.input.value = nameOf(event.target);
        complain(event.target, "");
      }
    });
    document.addEventListener(
      "submit",
      (event) => {
        if (!event.target.closest(".party-dialog") && unresolved(event.target)) {
          event.preventDefault();
          event.stopImmediatePropagation();
        }
      },
      true,
    );
  };

  jQuery(start);
}
