// Loses nothing that was typed: asks before leaving a page with unsaved entries, keeps them in the browser, and offers
// them again after a crash or an ended login. The server says which have been saved. Other users' entries are removed.
"use strict";

{
  const bars = document.querySelector("[data-unsaved]");
  const marker = document.querySelector("[data-keeps-typing]");
  const hasPassword = marker?.form.querySelector('input[type="password"]');
  const form = hasPassword ? null : marker?.form;
  const { read, valuesOf, fill, sendable } = window.typedValues;
  const PREFIX = "unsaved:";
  const DAYS_KEPT = 7;
  const MOST_KEPT = 20;
  const MOST_OFFERED = 3;
  const LONGEST = 300_000;
  const PAUSE = 400;

  const { isPossible, seal, unseal } = bars ? window.sealing(bars.dataset.key) : {};

  // What is kept: `unsaved:<user>:<id>` → {at, path, sealed: {page, token, typed}}

  const own = `${PREFIX}${bars?.dataset.unsaved}:`;
  const all = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const forget = (id) => localStorage.removeItem(`${own}${id}`);
  const entryOf = (key) => {
    try {
      return { id: key.slice(own.length), ...JSON.parse(localStorage.getItem(key)) };
    } catch {
      return { at: 0 };
    }
  };

  const tidy = () => {
    bars.dataset.saved.split(" ").filter(Boolean).forEach(forget);
    all()
      .filter((key) => !key.startsWith(own) || entryOf(key).at < Date.now() - DAYS_KEPT * 86_400_000)
      .forEach((key) => localStorage.removeItem(key));
    all()
      .sort((one, other) => entryOf(other).at - entryOf(one).at)
      .slice(MOST_KEPT)
      .forEach((key) => localStorage.removeItem(key));
  };

  // Keeping, and asking before leaving

  // a refused form keeps its id
  const id = marker?.value || crypto.randomUUID?.() || `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  let shown = null;
  let isSending = false;
  let isLoggingOut = false;
  let pause;

  const isRefused = () => Boolean(document.querySelector(".errornote, .error-summary"));
  const isUnsaved = () => Boolean(form) && shown !== null && valuesOf(read(form)) !== shown;

  const say = (text) => {
    const said = document.createElement("p");
    said.className = "unsaved-said";
    said.textContent = text;
    bars.querySelector(".unsaved-said")?.remove();
    bars.append(said);
  };

  // the latest call counts: sealing takes a moment
  let calls = 0;

  const keep = async () => {
    clearTimeout(pause);
    calls += 1;
    const call = calls;
    if (isLoggingOut || !isUnsaved()) {
      forget(id);
      return;
    }
    const page = (document.querySelector("#content > h2") ?? document.querySelector("#content > h1"))?.textContent.trim() ?? "";
    const text = JSON.stringify({ page, token: form.elements.edit_token?.value ?? "", typed: read(form) });
    const kept = { at: Date.now(), path: location.pathname };
    try {
      if (text.length > LONGEST) {
        throw new RangeError("too long");
      }
      const sealed = await seal(text);
      if (call === calls && !isLoggingOut) {
        localStorage.setItem(`${own}${id}`, JSON.stringify({ ...kept, sealed }));
      }
    } catch {
      forget(id);
      say(bars.dataset.tooLong);
    }
  };

  const keepSoon = () => {
    isLoggingOut = false;
    clearTimeout(pause);
    pause = setTimeout(keep, PAUSE);
  };

  // what scripts fill in while the page opens was not typed
  const noteShown = () => {
    shown ??= isRefused() ? "" : valuesOf(read(form));
  };

  const watch = () => {
    const enctype = form.enctype;
    marker.value = id;
    navigator.locks?.request(`${own}${id}`, () => new Promise(() => {}));
    for (const kind of ["keydown", "pointerdown"]) {
      addEventListener(kind, noteShown, { capture: true, once: true });
    }
    addEventListener("load", () => setTimeout(noteShown, 300));
    form.addEventListener("input", keepSoon);
    // Select2 fields trigger only jQuery events
    window.django?.jQuery(form).on("change", keepSoon);
    document.addEventListener("formset:removed", keepSoon);
    document.addEventListener("visibilitychange", () => document.hidden && !isSending && keep());
    form.addEventListener("submit", (event) => {
      keep();
      // if the login has ended, the server can keep and offer again what holds no file
      if (![...form.querySelectorAll('input[type="file"]')].some((field) => field.value)) {
        form.enctype = "application/x-www-form-urlencoded";
      }
      isSending = !event.defaultPrevented;
    });
    addEventListener("pageshow", () => {
      isSending = false;
      form.enctype = enctype;
    });
    addEventListener("beforeunload", (event) => {
      if (!isSending && isUnsaved()) {
        event.preventDefault();
      }
    });
  };

  // Offering

  const isOpenElsewhere = async (entry) => {
    const held = (await navigator.locks?.query())?.held ?? [];
    return held.some((lock) => lock.name === `${own}${entry.id}`);
  };

  const restore = (entry) => {
    shown ??= valuesOf(read(form));
    fill(form, entry.typed);
    keep().then(() => forget(entry.id));
    say(bars.dataset.restored);
  };

  const send = (entry) => {
    const token = form.elements.csrfmiddlewaretoken.value;
    const again = sendable({ ...entry.typed, typing_id: { values: [entry.id] } }, entry.path, token);
    document.body.append(again);
    isSending = true;
    again.submit();
  };

  const draw = (entry) => {
    const bar = bars.querySelector("template").content.firstElementChild.cloneNode(true);
    const part = (name) => bar.querySelector(`[data-${name}]`);
    const isHere = form && entry.path === location.pathname;
    const isCurrent = isHere && entry.token === (form.elements.edit_token?.value ?? "");
    const said = part("said");
    const time = new Date(entry.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const sentence = isHere && !isCurrent ? said.dataset.since : said.dataset.plain;
    said.textContent = sentence.replace("{page}", () => entry.page).replace("{time}", time);
    part("restore").hidden = !isCurrent;
    part("send").hidden = !isHere || isCurrent;
    part("open").hidden = Boolean(isHere);
    part("open").href = entry.path;
    part("restore").addEventListener("click", () => (bar.remove(), restore(entry)));
    part("send").addEventListener("click", () => send(entry));
    part("discard").addEventListener("click", () => (bar.remove(), forget(entry.id)));
    bars.append(bar);
  };

  const offer = async () => {
    const isHome = document.body.classList.contains("dashboard");
    const kept = all().map(entryOf).filter((entry) => isHome || (form && entry.path === location.pathname));
    const newest = kept.sort((one, other) => other.at - one.at);
    let drawn = 0;
    for (const entry of newest) {
      if (drawn < MOST_OFFERED && entry.id !== id && !(await isOpenElsewhere(entry))) {
        try {
          draw({ ...entry, ...JSON.parse(await unseal(entry.sealed)) });
          drawn += 1;
        } catch {
          // sealed with a key that the register no longer has
          forget(entry.id);
        }
      }
    }
  };

  try {
    if (bars && isPossible) {
      tidy();
      if (form) {
        watch();
      }
      // a refused form still shows what was typed
      if (!isRefused()) {
        offer();
      }
      document.querySelector("#logout-form")?.addEventListener("submit", () => {
        isLoggingOut = true;
        all().forEach((key) => localStorage.removeItem(key));
      });
    }
  } catch {
    // a browser that keeps nothing: the page works without
  }
}
