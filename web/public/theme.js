// Before the first paint: a dark room stays dark. The same key is read by the page.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('desk-colours');
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
