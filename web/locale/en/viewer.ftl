# The viewer: page, tools, keys, pinned fields. Read by the pages and by the browser's script.

viewer-title = Slide { $label }
viewer-slide-label = Slide { $label }. Move with the arrow keys, zoom with + and −, H for help.
viewer-loading = Opening the slide…
viewer-needs-script = The viewer needs JavaScript to show the slide.
viewer-back-case = Case { $number }
viewer-slides = Slides of this case
viewer-slide-unnamed = unnamed
viewer-tools = Slide tools

viewer-zoom-in = Zoom in (+)
viewer-zoom-out = Zoom out (−)
viewer-fit = Whole slide (0)
viewer-fit-short = Whole
viewer-objectives = Magnification
viewer-objective = Objective ×{ $value }
viewer-objective-short = ×{ $value }
viewer-rotate-left = Rotate 15° to the left (Shift + R)
viewer-rotate-right = Rotate 15° to the right (R)
viewer-rotation = Rotation
viewer-rotation-value = { $value }°
viewer-rotation-reset = Back to 0°
viewer-flip = Mirror (X)
viewer-minimap = Overview (M)
viewer-minimap-label = Overview: click to go there
viewer-full-screen = Full screen (F)
viewer-full-screen-room = Full screen (Shift + F)
viewer-link = Copy the link to this field (L)
viewer-link-copied = Link copied: it opens exactly this field.
viewer-link-by-hand = The link to this field is now in the address bar.
viewer-help = Help and keys (H)
viewer-close = Close

viewer-magnification = ×{ $value }
viewer-magnification-title = Equivalent magnification on this screen
viewer-digital-zoom = digital zoom
viewer-digital-zoom-title = Beyond the resolution of the scan: no detail is added.
viewer-scale-bar = Scale: { $length }
viewer-position = x { $x }, y { $y }
viewer-spoken = ×{ $magnification }, x { $x }, y { $y }
viewer-spoken-rotation = ×{ $magnification }, x { $x }, y { $y }, rotation { $rotation }°
viewer-spoken-pixels = x { $x } px, y { $y } px
viewer-millimetres = { $value } mm

viewer-unreadable = Unreadable
viewer-ended = You no longer have access to this slide.
viewer-ended-more = The right to see it has ended, or your session has expired.
viewer-reload = Load the page again
viewer-link-failing = Poor connection: pictures arrive as soon as possible.

viewer-pins = Pinned fields
viewer-pin = Pin this field (P)
viewer-pin-label = Caption of the field
viewer-pin-placeholder = e.g. mitoses, margin, suspicious focus
viewer-pin-save = Pin
viewer-pin-cancel = Cancel
viewer-pin-unnamed = Field { $number }
viewer-pin-delete = Delete “{ $label }”
viewer-pin-saved = Field pinned.
viewer-pin-deleted = Pin deleted.
viewer-pin-failed = The field could not be pinned. Try again.
viewer-pins-empty = No pinned field. The P key pins the one you are looking at.
viewer-pins-failed = The pinned fields could not be read.

viewer-room-open = Open a live session
viewer-room-open-title = Look at this slide together, live

viewer-help-title = Moving on the slide
viewer-help-mouse = Drag to move, roll to zoom, double-click to zoom in. On a touch screen, pinch and turn.
viewer-help-keys = Keys
viewer-key-arrows = Move (Shift: by a screen)
viewer-key-zoom = Zoom in, zoom out
viewer-key-objectives = Objectives ×2.5 ×5 ×10 ×20 ×40
viewer-key-fit = Whole slide
viewer-key-rotate = Rotate 15° right, left
viewer-key-upright = Upright again
viewer-key-flip = Mirror
viewer-key-minimap = Show or hide the overview
viewer-key-pin = Pin this field
viewer-key-pins = Show or hide the pinned fields
viewer-key-link = Copy the link to this field
viewer-key-full-screen = Full screen
viewer-key-help = This help
viewer-key-escape = Close, cancel
viewer-key-rejoin = Rejoin the presenter’s view
viewer-key-chat = Write a message
viewer-key-shift = Shift
