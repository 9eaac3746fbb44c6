// Runs before the first paint, so that a chosen theme never flashes; a file of its own because the policy allows no inline script.
const theme = localStorage.getItem('tenantry.theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
