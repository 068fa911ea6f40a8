// In the forms of records, Enter moves to the next field instead of saving half of what is being typed. Ctrl+Enter and
// the buttons save. Fields of several paragraphs keep Enter.
"use strict";

{
  const form = document.querySelector("[data-keeps-typing]")?.form ?? document.querySelector(".change-form #content-main form");
  const MOVED_ON_FROM =
    "input:not([type=submit], [type=button], [type=image], [type=reset], [type=file]), textarea[data-one-paragraph]";
  const FIELDS =
    "input:not([type=hidden], [type=submit], [type=button], [type=image], [type=reset]), select, textarea, [role=combobox], .signed-for button:first-child";

  const isThere = (field) => !field.disabled && field.tabIndex >= 0 && field.checkVisibility?.() !== false;

  const next = (field) => {
    const fields = [...form.querySelectorAll(`${FIELDS}, .submit-row :is(input, button)`)].filter(isThere);
    return fields[fields.indexOf(field) + 1];
  };

  const save = () => form.requestSubmit(form.querySelector("[name=_save], .submit-row [type=submit]"));

  form?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) {
      return;
    }
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      save();
    } else if (event.target.matches(MOVED_ON_FROM)) {
      event.preventDefault();
      next(event.target)?.focus();
    }
  });
}
