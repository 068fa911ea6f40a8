// A length is that of a fixed term, unless another term was chosen: typing one chooses “Fixed term”, and says so. Without
// this script the form does it on saving.
"use strict";

{
  const length = document.querySelector("[data-chooses-term]");
  const term = length?.form.querySelector('[name="term_kind"]');
  const said = document.createElement("output");

  const choose = (before, after, sentence) => {
    if (term.value === before) {
      term.value = after;
      term.dispatchEvent(new Event("change", { bubbles: true }));
      said.textContent = sentence;
    }
  };

  if (term) {
    const { choosesTerm, insteadOf, told } = length.dataset;
    length.after(said);
    length.addEventListener("input", () => {
      if (length.value.trim()) {
        choose(insteadOf, choosesTerm, told);
      } else if (said.textContent) {
        choose(choosesTerm, insteadOf, "");
      }
    });
    term.addEventListener("input", () => (said.textContent = ""));
  }
}
