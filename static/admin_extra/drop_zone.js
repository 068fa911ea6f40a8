// Lets files be dropped on the input for several files, adds them to those chosen before, and lists them with a button to
// leave one out. Without this script the input takes the files that are chosen together.
"use strict";

for (const zone of document.querySelectorAll("[data-drop-zone]")) {
  const input = zone.querySelector('input[type="file"]');
  const list = zone.querySelector("[data-chosen]");
  const most = Number(zone.dataset.most);
  let chosen = [];

  const put = () => {
    const files = new DataTransfer();
    chosen.forEach((file) => files.items.add(file));
    input.files = files.files;
    list.replaceChildren(
      ...chosen.map((file) => {
        const item = document.createElement("li");
        const leaveOut = document.createElement("button");
        leaveOut.type = "button";
        leaveOut.className = "button";
        leaveOut.textContent = "×";
        leaveOut.setAttribute("aria-label", `× ${file.name}`);
        leaveOut.addEventListener("click", () => {
          chosen = chosen.filter((other) => other !== file);
          put();
          input.focus();
        });
        item.append(`${file.name} `, leaveOut);
        return item;
      }),
    );
  };

  const add = (files) => {
    const known = new Set(chosen.map((file) => `${file.name} ${file.size} ${file.lastModified}`));
    const fresh = [...files].filter((file) => !known.has(`${file.name} ${file.size} ${file.lastModified}`));
    // one more than are taken, so that the answer names what was too many
    chosen = [...chosen, ...fresh].slice(0, most + 1);
    put();
  };

  input.addEventListener("change", () => add(input.files));
  zone.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      zone.classList.add("over");
    }
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) {
      event.preventDefault();
      zone.classList.remove("over");
      add(event.dataTransfer.files);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}
