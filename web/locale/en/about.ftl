# The page /about.

about-title = About telepath
about-lead = Shared slides, live reading at a distance and second opinions between pathologists, with a trail that can be verified.

about-not-certified-title = telepath is not a certified medical device
about-not-certified = This software bears no CE mark under Regulation (EU) 2017/745 and has undergone no conformity assessment. A primary diagnosis must not rest on what telepath displays alone; the institution that uses it validates that use in its own conditions.

about-use-title = Intended use
about-use = telepath lets a pathologist show digitised slides to a colleague, discuss them while looking at the same field, obtain a written and signed opinion, and keep a record of each consultation.
about-use-who = It is meant for physicians specialised in anatomical pathology, identified by Pro Santé Connect.
about-use-screen = Reading needs a screen fit for digital pathology; the page “Check my workstation” examines the link and the display, not the colour fidelity of the screen.
about-use-decision = The opinion given is that of the physician who signs it. telepath suggests no diagnosis, takes no automatic measurement and triages no slides.
about-use-not = It is meant neither for the legal archiving of slides nor to replace the laboratory’s information system.

about-data-title = Data protection
about-data-patient = Cases bear a pseudonymous number: the patient’s identity is optional. It is kept apart, encrypted, and read by the requesting institution alone, and by the expert if it so chooses; each look is written in the log. Labels and overview pictures of slides are not shown.
about-data-access = A case is open only to its institution and to experts who have accepted a request, for as long as that lasts.
about-data-audit = Each viewing and each act is written to a sealed log, which the institution’s auditors read and verify.
about-data-cookies = telepath uses only necessary cookies: the session, the language, the light or dark display, and the right to read the pictures of a slide. No audience measurement, no third-party service.
about-data-elsewhere = E-mails announce an event and contain nothing of the case.
about-data-rights = For access, correction or any question, contact the data protection officer of the institution that provides telepath.

about-version-title = Version
about-version = Version
about-version-checkout = not installed
about-licence = Licence
about-mode = Mode
about-mode-production = production
about-mode-demonstration = demonstration
about-components-title = Components
about-component = Component
