// Narrows the table of evidence down. It compares what rows and filters carry and makes no markup of it.
const form = document.querySelector("form");
const rows = [...document.querySelectorAll("tbody tr")];

function narrow() {
  const words = form.words.value.toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = ["party", "stance", "effect"].every((name) => !form[name].value || row.dataset[name] === form[name].value);
    row.hidden = !fits || !row.textContent.toLowerCase().includes(words);
    shown += row.hidden ? 0 : 1;
  }
  form.querySelector("output").textContent = `${shown} of ${rows.length}`;
}

// A mark in the picture leads to its row, whatever the filters hide.
addEventListener("hashchange", () => {
  if (document.querySelector("tr:target")?.hidden) {
    form.reset();
    narrow();
    document.querySelector("tr:target").scrollIntoView();
  }
});
form.hidden = false;
form.addEventListener("input", narrow);
form.addEventListener("submit", (event) => event.preventDefault());
narrow();
