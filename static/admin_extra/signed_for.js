// Whom a signatory signed for: a button for each of the agreement's parties, up to three pressed, as long as there are
// few parties; with many, the selects offer the parties. Both follow the parties while they are being entered. What is
// sent are the three selects. Once the last signatory has a name, a row for the next one is added, up to one for each
// party.
"use strict";

{
  const MOST_BUTTONS = 5;
  const NAMES = ["party", "second_party", "third_party"];
  const rowsOf = (group) =>
    [...document.querySelectorAll(`#${group}-group .ordered-row:not(.empty-form)`)].filter(
      (row) => !row.querySelector('input[name$="-DELETE"]:checked'),
    );
  const selectsOf = (row) => NAMES.map((name) => row.querySelector(`select[name$="-${name}"]`)).filter(Boolean);
  const chosenIn = (row) => selectsOf(row).map((select) => select.value).filter(Boolean);

  const partyOf = (option) => ({
    id: option.value,
    name: option.textContent.trim(),
    short: option.dataset.short || option.textContent.trim(),
  });

  const chosenParties = () => {
    const found = new Map();
    rowsOf("participations").forEach((row) => {
      const select = row.querySelector('select[name$="-party"]');
      if (select?.value) {
        found.set(select.value, partyOf(select.selectedOptions[0]));
      }
    });
    return found;
  };

  // The parties, and those that the row names although they are no longer among them.
  const offeredTo = (row, parties) => {
    const offered = new Map(parties);
    selectsOf(row).forEach((select) => {
      if (select.value && !offered.has(select.value)) {
        offered.set(select.value, { ...partyOf(select.selectedOptions[0]), isOther: true });
      }
    });
    return [...offered.values()];
  };

  const fill = (select, offered) => {
    const chosen = select.value;
    const options = offered.map((party) => {
      const option = new Option(party.name, party.id, false, party.id === chosen);
      option.dataset.short = party.short;
      return option;
    });
    select.replaceChildren(new Option("---------", "", false, !chosen), ...options);
  };

  const press = (row, party) => {
    const before = chosenIn(row);
    const after = before.includes(party.id) ? before.filter((id) => id !== party.id) : [...before, party.id];
    selectsOf(row).forEach((select, place) => {
      if (select.value !== (after[place] ?? "")) {
        select.value = after[place] ?? "";
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  };

  const drawButtons = (row, place, offered) => {
    const chosen = chosenIn(row);
    const isDistinct = new Set(offered.map((party) => party.short)).size === offered.length;
    const held = place.contains(document.activeElement) ? document.activeElement.dataset.party : null;
    place.replaceChildren(
      ...offered.map((party) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.party = party.id;
        button.className = party.isOther ? "is-other" : "";
        button.textContent = isDistinct ? party.short : party.name;
        button.title = party.name;
        button.disabled = chosen.length >= NAMES.length && !chosen.includes(party.id);
        button.setAttribute("aria-pressed", String(chosen.includes(party.id)));
        button.addEventListener("click", () => press(row, party));
        return button;
      }),
    );
    place.querySelector(`[data-party="${held}"]`)?.focus();
  };

  const boxOf = (select) => select.closest(".form-multiline > div") ?? select.closest(".form-row");

  const draw = (row, parties) => {
    const selects = selectsOf(row);
    if (!selects.length) {
      return;
    }
    const offered = offeredTo(row, parties);
    const hasButtons = offered.length > 0 && offered.length <= MOST_BUTTONS;
    selects.forEach((select) => {
      fill(select, offered);
      if (select !== selects[0]) {
        boxOf(select).hidden = hasButtons;
      }
    });
    let place = row.querySelector("[data-signed-for]");
    if (!place) {
      const label = row.querySelector(`label[for="${selects[0].id}"]`);
      place = document.createElement("div");
      place.dataset.signedFor = "";
      place.className = "signed-for";
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", label?.textContent.replace(/:\s*$/, "") ?? "");
      selects[0].after(place);
    }
    place.hidden = !hasButtons;
    selects[0].hidden = hasButtons;
    drawButtons(row, place, hasButtons ? offered : []);
  };

  const drawAll = () => {
    const parties = chosenParties();
    document
      .querySelectorAll("#signatories-group .ordered-row:not(.empty-form)")
      .forEach((row) => draw(row, parties));
  };

  const offerNextRow = (event) => {
    const group = event.target.closest?.("#signatories-group");
    const rows = group ? rowsOf("signatories") : [];
    const isLast = rows.at(-1)?.contains(event.target) && event.target.name?.endsWith("-name");
    if (isLast && event.target.value.trim() && rows.length < Math.min(chosenParties().size, MOST_BUTTONS)) {
      group.dataset.addsQuietly = "";
      group.querySelector(".add-row a")?.click();
      delete group.dataset.addsQuietly;
    }
  };

  window.django.jQuery(() => {
    const follows = 'select[name$="party"], #participations-group input[name$="-DELETE"], #participations-group input[name$="-position"]';
    window.django.jQuery(document).on("change", follows, drawAll);
    document.addEventListener("formset:added", drawAll);
    document.addEventListener("input", offerNextRow);
    // inlines.js is still renaming the inputs when it says so
    document.addEventListener("formset:removed", () => setTimeout(drawAll));
    drawAll();
  });
}
