/* What a script adds to an article; every link works without it. First, a preview of the cited work beside its number. Enter and a click with any
   key held still jump to the reference. Escape closes the preview and focus stays where it is. A tap leads into it, and
   closing leads back: where there is no pointer to rest on a number, nobody finds what opens at the end of the page. */
(() => {
  "use strict";
  const card = document.createElement("div");
  if (!("popover" in card)) return;

  const WAIT = 300;
  const touch = window.matchMedia("(hover: none), (max-width: 39.99rem)");
  let timer = 0;
  let shown = null;

  card.className = "preview-card";
  card.popover = "manual";
  card.tabIndex = -1;
  card.setAttribute("role", "dialog");
  (document.querySelector(".text") || document.body).after(card);

  const entryOf = (mark) => document.getElementById(mark.hash.slice(1));

  function fill(entry, number) {
    card.setAttribute("aria-label", `Reference ${number}`);
    const kept = [".kinds", ".title", ".source", ".why"].map((part) => entry.querySelector(part)).filter(Boolean);
    card.replaceChildren(...kept.map((part) => part.cloneNode(true)));
    const links = document.createElement("p");
    const source = entry.querySelector(".source a");
    if (source) {
      const read = link(source.href, "Read the source");
      read.rel = "external";
      links.append(read, " · ");
    }
    links.append(link(`#${entry.id}`, `Go to reference ${number}`));
    card.append(links);
    card.querySelectorAll(".source a").forEach((old) => {
      const before = old.previousSibling;
      if (before) before.textContent = before.textContent.replace(/\s*·\s*$/, "");
      old.remove();
    });
  }

  function link(href, words) {
    const made = document.createElement("a");
    made.href = href;
    made.textContent = words;
    return made;
  }

  function closer() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "text-button close";
    button.textContent = "Close";
    button.addEventListener("click", () => goBack(shown));
    return button;
  }

  // By a transform, so that the card follows its mark without anything being laid out anew.
  function place(mark) {
    card.style.transform = "";
    card.classList.toggle("sheet", touch.matches);
    if (touch.matches) return;
    const at = mark.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const below = at.bottom + 6;
    const fits = below + size.height < window.innerHeight || at.top < size.height + 6;
    const top = Math.max(6, fits ? below : at.top - size.height - 6);
    const left = Math.max(6, Math.min(at.left - 24, window.innerWidth - size.width - 12));
    card.style.transform = `translate(${left}px, ${top}px)`;
  }

  function show(mark) {
    const entry = entryOf(mark);
    if (!entry || shown === mark) return;
    fill(entry, entry.id.slice("ref-".length));
    if (touch.matches) card.prepend(closer());
    if (shown) card.hidePopover();
    card.showPopover();
    place(mark);
    shown = mark;
  }

  function hide() {
    clearTimeout(timer);
    if (shown) card.hidePopover();
    shown = null;
  }

  // Focus on a number asks for its preview; not when it comes back to it.
  function goBack(mark) {
    hide();
    if (mark) mark.focus({ preventScroll: true });
    clearTimeout(timer);
  }

  const later = (act) => { clearTimeout(timer); timer = setTimeout(act, WAIT); };
  const stays = () => card.matches(":hover, :focus-within") || (shown && shown.matches(":hover, :focus-visible"));

  document.querySelectorAll('.cite a[href^="#ref-"]').forEach((mark) => {
    mark.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") later(() => show(mark)); });
    mark.addEventListener("pointerleave", () => later(() => { if (!stays()) hide(); }));
    mark.addEventListener("focus", () => { if (mark.matches(":focus-visible")) later(() => show(mark)); });
    mark.addEventListener("blur", () => later(() => { if (!stays()) hide(); }));
    mark.addEventListener("click", (event) => {
      const tapped = event.detail > 0 && touch.matches && entryOf(mark);
      if (!tapped) return hide();
      event.preventDefault();
      show(mark);
      card.focus({ preventScroll: true });
    });
  });

  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => later(() => { if (!stays()) hide(); }));
  card.addEventListener("focusout", () => later(() => { if (!stays()) hide(); }));
  card.addEventListener("click", (event) => { if (event.target.closest("a")) hide(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    if (card.contains(document.activeElement)) goBack(shown);
    else hide();
  });
  ["scroll", "resize"].forEach((moved) => window.addEventListener(moved, () => { if (shown) place(shown); }, { passive: true }));
  document.addEventListener("pointerdown", (event) => {
    if (shown && card.classList.contains("sheet") && !card.contains(event.target) && !event.target.closest(".cite a")) hide();
  });
})();

/* Which text the reader chose last, kept in their own browser and sent to nobody. It is offered in the question of the chooser,
   in room that is there already. Nobody is led away from an address that they asked for. */
(() => {
  "use strict";
  const chooser = document.querySelector("nav.audience");
  if (!chooser) return;

  const KEY = "audience";
  const links = [...chooser.querySelectorAll("a[data-audience]")];

  function kept() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }

  function keep(audience) {
    try { localStorage.setItem(KEY, audience); } catch { /* A browser that keeps nothing for us asks again on the next page. */ }
  }

  links.forEach((link) => link.addEventListener("click", () => keep(link.dataset.audience)));
  const last = links.find((link) => link.dataset.audience === kept());
  if (last && !last.hasAttribute("aria-current")) chooser.querySelector(".asks").textContent = `You last chose: ${last.textContent}`;
})();
