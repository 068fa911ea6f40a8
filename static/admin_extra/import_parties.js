// Suggests parties of the register while somebody types what an unknown name of an import means. The field takes a name
// or a number without this script, too.
"use strict";

for (const field of document.querySelectorAll("[data-suggestions]")) {
  const input = field.querySelector("input");
  const label = document.querySelector(`label[for="${input.id}"]`);
  label.id ||= `${input.id}_label`;
  window.suggesting(input, {
    label: { id: label.id, text: "" },
    find: async (term, signal) => {
      const answer = await window.suggestionsFrom(field.dataset.suggestions, { term }, signal);
      return answer && { status: answer.status, entries: answer.results };
    },
    choose: (party) => {
      input.value = `${party.name} [${party.id}]`;
    },
  });
}
