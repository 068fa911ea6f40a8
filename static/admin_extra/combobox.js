// A text field that suggests while somebody types, by the ARIA pattern of a combobox with a list: arrows, Enter, Escape;
// Tab takes the marked suggestion. Whoever presses Enter before the answer has come gets its first entry, whoever presses
// Tab only one with just this name; one that is merely like what was typed (`alike`) has to be seen first. Other scripts
// call `window.suggesting` and say where suggestions come from and what choosing one does; an entry that only opens
// something (`opens`) is not taken by Tab.
"use strict";

{
  const PAUSE = 150;
  let count = 0;

  const element = (name, className, text = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const drawn = (entry, id) => {
    const option = element("li", entry.opens ? "opens" : "");
    option.id = id;
    option.setAttribute("role", "option");
    option.append(element("span", "suggestion-name", entry.name));
    const told = [entry.spelling && `“${entry.spelling}”`, entry.told].filter(Boolean).join(" · ");
    if (told) {
      option.append(" ", element("span", "suggestion-told", told));
    }
    return option;
  };

  window.suggesting = (input, { find, choose, label }) => {
    const own = `suggestions${(count += 1)}`;
    const list = element("ul", "suggestions");
    const status = element("span", "visually-hidden");
    let entries = [];
    let marked = -1;
    let pause;
    let asking = null;
    // what was pressed before the answer had come
    let pressed = "";

    list.id = own;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    status.setAttribute("role", "status");
    for (const [name, value] of [
      ["role", "combobox"],
      ["autocomplete", "off"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", own],
    ]) {
      input.setAttribute(name, value);
    }
    if (label.id) {
      list.setAttribute("aria-labelledby", label.id);
    } else {
      list.setAttribute("aria-label", label.text);
    }
    input.after(list, status);

    const mark = (place) => {
      marked = place;
      [...list.children].forEach((option, number) => option.setAttribute("aria-selected", number === place));
      const option = list.children[place];
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };

    const close = () => {
      clearTimeout(pause);
      asking?.abort();
      asking = null;
      pressed = "";
      list.hidden = true;
      list.replaceChildren();
      entries = [];
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    };

    const take = (entry) => {
      close();
      status.textContent = "";
      choose(entry);
    };

    const show = (answer) => {
      entries = answer.entries;
      status.textContent = answer.status;
      list.replaceChildren(...entries.map((entry, number) => drawn(entry, `${own}-${number}`)));
      list.hidden = !entries.length;
      input.setAttribute("aria-expanded", String(entries.length > 0));
      mark(entries.length ? 0 : -1);
    };

    const answered = (answer) => {
      const first = answer.entries.find((entry) => !entry.alike);
      const isNamed = first?.name.toLowerCase() === input.value.trim().toLowerCase();
      if (first && (pressed === "Enter" || (pressed === "Tab" && isNamed))) {
        take(first);
      } else if (document.activeElement === input) {
        show(answer);
      }
    };

    const ask = async () => {
      asking?.abort();
      const request = new AbortController();
      asking = request;
      try {
        const answer = await find(input.value.trim(), request.signal);
        if (request === asking && answer) {
          asking = null;
          answered(answer);
        }
      } catch {
        // a newer question is under way, or the server does not answer: typing on asks again
      }
    };

    const askSoon = () => {
      clearTimeout(pause);
      pressed = "";
      if (input.value.trim()) {
        asking = new AbortController();
        pause = setTimeout(ask, PAUSE);
      } else {
        close();
      }
    };

    const moves = (key) => {
      if (entries.length) {
        const step = key === "ArrowDown" ? 1 : -1;
        mark((marked + step + entries.length) % entries.length);
      } else {
        ask();
      }
    };

    const keys = (event) => {
      const entry = entries[marked];
      if (event.isComposing || event.ctrlKey || event.metaKey) {
        return;
      }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        moves(event.key);
      } else if (event.key === "Enter" && (entry || asking)) {
        if (entry && !asking) {
          take(entry);
        } else {
          pressed = "Enter";
        }
      } else if (event.key === "Escape" && !list.hidden) {
        close();
      } else {
        if (event.key === "Tab" && asking) {
          pressed = "Tab";
        } else if (event.key === "Tab" && entry && !entry.opens && !entry.alike && input.value.trim()) {
          take(entry);
        }
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };

    input.addEventListener("input", askSoon);
    input.addEventListener("keydown", keys);
    input.addEventListener("blur", () => pressed || close());
    // a press must not take the focus from the field before the click chooses
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const place = [...list.children].indexOf(event.target.closest("[role=option]"));
      if (place >= 0) {
        take(entries[place]);
      }
    });
    return { close };
  };

  // The answer of a view to what was typed; null if the login has ended.
  window.suggestionsFrom = async (url, asked, signal) => {
    const answer = await fetch(`${url}?${new URLSearchParams(asked)}`, { signal });
    return answer.ok && !answer.redirected ? answer.json() : null;
  };
}
