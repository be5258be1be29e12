# What is kept ahead in the browser.
warm-going = Preparing the slides in this browser: { $percent }%.
warm-ready = Slides ready in this browser: the main fields show without waiting, even over a slow link.
warm-spared = Data saver or very slow link: the slides are not prepared ahead.
warm-anyway = Prepare them anyway
