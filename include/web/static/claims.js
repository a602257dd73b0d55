// Follows Airflow's light or dark, and asks before a form does something that it says to ask about.
(() => {
  const here = document.documentElement;
  const host = window.parent === window ? null : window.parent.document.documentElement;
  if (host) {
    const follow = () => { here.dataset.theme = host.classList.contains("dark") ? "dark" : "light"; };
    follow();
    new MutationObserver(follow).observe(host, { attributes: true, attributeFilter: ["class"] });
  }
})();
// Work queues: one box chooses all of a page.
document.addEventListener("DOMContentLoaded", () => {
  for (const all of document.querySelectorAll("[data-all]")) {
    const boxes = [...all.form.querySelectorAll("input[name=what]")];
    all.closest("label").hidden = false;
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  }
});
