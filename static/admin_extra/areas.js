// Cooperation areas by typing: each chosen area with a button that removes it, and a field that suggests more, over the
// checkboxes, which are what is sent. Areas that the title names are offered as buttons.
"use strict";

{
  const PAUSE = 400;
  const named = (pattern, area) => pattern.replace("%(area)s", area);
  const button = (className, text, label) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.setAttribute("aria-label", label);
    return made;
  };

  const enhance = (place) => {
    const words = place.dataset;
    const chosen = document.createElement("ul");
    const field = document.createElement("div");
    const input = document.createElement("input");
    const offers = document.createElement("p");
    const boxes = () => [...place.querySelectorAll('input[type="checkbox"]')];
    // in the order in which they were chosen, so that Backspace removes the last one
    let order = [];
    const ticked = () => {
      const now = boxes().filter((box) => box.checked);
      order = [...order.filter((box) => now.includes(box)), ...now.filter((box) => !order.includes(box))];
      return order;
    };
    const boxOf = (key) => boxes().find((box) => box.value === String(key));
    const nameOf = (box) => box.closest("label").textContent.trim();

    const draw = () => {
      chosen.replaceChildren(
        ...ticked().map((box) => {
          const name = nameOf(box);
          const remove = button("chip-remove", "×", named(words.remove, name));
          const chip = document.createElement("li");
          remove.dataset.area = box.value;
          chip.append(name, remove);
          return chip;
        }),
      );
      offers.querySelectorAll("button").forEach((offer) => {
        offer.hidden = boxOf(offer.dataset.area)?.checked ?? true;
      });
      offers.hidden = !offers.querySelector("button:not([hidden])");
    };

    const set = (key, isChosen) => {
      const box = boxOf(key);
      if (box && box.checked !== isChosen) {
        box.checked = isChosen;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    };

    const remove = (key) => {
      set(key, false);
      input.focus();
    };

    const find = async (term, signal) => {
      const answer = await window.suggestionsFrom(words.areaChoice, { term }, signal);
      return answer && { status: answer.status, entries: answer.results.filter((area) => !boxOf(area.id)?.checked) };
    };

    let offered = "";
    const offer = async (title) => {
      if (title === offered) {
        return;
      }
      offered = title;
      const answer = title && (await window.suggestionsFrom(words.areaChoice, { title }).catch(() => null));
      if (title !== offered) {
        return;
      }
      const found = (answer?.results ?? []).map((area) => {
        const made = button("chip-offer", `+ ${area.name}`, named(words.suggest, area.name));
        made.dataset.area = area.id;
        return made;
      });
      offers.replaceChildren(`${words.suggested} `, ...found);
      draw();
    };

    chosen.className = "chips";
    field.className = "combobox";
    offers.className = "chip-offers";
    offers.hidden = true;
    input.type = "text";
    input.placeholder = words.label;
    input.setAttribute("aria-label", words.label);
    field.append(input);
    place.prepend(chosen, field, offers);
    window.suggesting(input, {
      find,
      label: { text: words.label },
      choose: (area) => {
        input.value = "";
        set(area.id, true);
      },
    });

    input.addEventListener("keydown", (event) => {
      const last = ticked().at(-1);
      if (event.key === "Backspace" && !input.value && last) {
        set(last.value, false);
      }
    });
    place.addEventListener("change", draw);
    chosen.addEventListener("click", (event) => event.target.dataset.area && remove(event.target.dataset.area));
    offers.addEventListener("click", (event) => {
      if (event.target.dataset.area) {
        set(event.target.dataset.area, true);
        input.focus();
      }
    });

    const title = place.closest("form")?.querySelector('[name="title"]');
    const offerForTitle = () => offer(title?.value.trim().slice(0, 1000));
    let pause;
    title?.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(offerForTitle, PAUSE);
    });
    title?.addEventListener("change", offerForTitle);
    offerForTitle();
    draw();
  };

  window.django.jQuery(() => document.querySelectorAll("[data-area-choice]").forEach(enhance));
}
