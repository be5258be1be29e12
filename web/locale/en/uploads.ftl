# Slides that are sent: on the page of a case, and by the programming interface.

uploads-add = Add slides
uploads-drop = Drop slides here, or choose them
uploads-choose-files = Choose files
uploads-choose-folder = Choose a folder
uploads-hint = SVS, NDPI, TIFF, DICOM, MIRAX, CZI… A slide of several files (MIRAX, DICOM, Hamamatsu VMS) is chosen by its folder, or sent in a ZIP file.
uploads-needs-script = To send slides from here, JavaScript must be allowed in this browser. Otherwise the administrator of telepath can add them on the server.
uploads-label = Label
uploads-label-hint = The label is what the list of slides shows; without one, block and stain. Never the name of a patient.
uploads-stain = Stain
uploads-block = Block
uploads-specimen = Specimen
uploads-specimen-none = not said
uploads-facts-hint = For the slides that you are about to choose; stain and block can be corrected later.
uploads-list = What you sent
uploads-pause = Pause
uploads-resume = Go on
uploads-pause-of = Pause sending { $name }
uploads-resume-of = Go on sending { $name }
uploads-discard = Give up
uploads-discard-of = Give up sending { $name }
uploads-dismiss = Remove from the list
uploads-dismiss-of = Remove { $name } from the list
uploads-open = Open the slide
uploads-open-of = Open the slide { $name }
uploads-state-receiving = Sending
uploads-state-queued = In line
uploads-state-paused = Paused
uploads-state-cut = Link lost
uploads-state-unchosen = To go on with
uploads-state-waiting = Received
uploads-state-checking = Being checked
uploads-state-registered = Added
uploads-state-held = Held
uploads-state-refused = Refused
uploads-state-twice = Already in the case
uploads-progress = { $percent } % of { $size }
uploads-pace = { $rate }/s, { $left } left
uploads-files = { $count ->
        [one] 1 file
       *[other] { $count } files
    }
uploads-left-seconds = less than a minute
uploads-left-minutes = { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }
uploads-left-hours = { $hours } h { $minutes } min
uploads-cut = The link is lost. Sending goes on by itself as soon as it is back; nothing that arrived is lost.
uploads-signed-out = Your session is over. Sign in again: sending will go on from where it is.
uploads-unchosen = Choose the same files again: sending goes on from where it is, until { $until }.
uploads-keep-open = Keep this tab open until everything is sent. If it closes nothing is lost: choose the same files here again to go on.
uploads-may-close = Everything has arrived. You may close this tab: checking goes on without it.
uploads-wait-checking = The slide is here as a whole; it is checked before it comes into the case.
uploads-twin = Careful: the same file is also in case { $number }. One of the two is a mistake; check the labels of the slides.
uploads-held-see = See the held slides
uploads-done-registered = { $name }: slide added to the case.
uploads-done-held = { $name }: slide held.
uploads-done-twice = { $name }: this slide is already in the case.
uploads-done-refused = { $name }: slide refused.
uploads-skipped = { $count ->
        [one] 1 file was left out: it is no slide ({ $names }).
       *[other] { $count } files were left out: they are no slides ({ $names }).
    }
uploads-missing-folder = { $name }: the folder “{ $folder }” that belongs to it is missing. Choose the folder that holds both.
uploads-missing-index = { $name }: its folder has no file Slidedat.ini. Copy the slide from the scanner again.
uploads-missing-parts = { $name }: { $count ->
        [one] one of the files that its index names is missing ({ $names }).
       *[other] { $count } of the files that its index names are missing ({ $names }…).
    } Copy the slide from the scanner again.
uploads-foreign =
    { $name }: the service cannot read the format { $format }. { $format ->
        [iSyntax] In the Philips system, export the slide as TIFF or DICOM
       *[other] In the software of the scanner, export the slide as OME-TIFF, pyramidal TIFF or DICOM
    }, then send that file.
uploads-empty-file = { $name }: this file is empty. Copy it from the scanner again.
uploads-nothing = Nothing of what you chose is a slide.

error-upload-version = This upload speaks another version of the tus protocol. Use version { $version }.
error-upload-header = The header { $header } of this upload is missing or cannot be read. Correct the program that sends.
error-upload-type = The bytes of a slide are sent with the type { $type }.
error-upload-offset = This upload begins at byte { $offset }, but { $received } bytes are there. Ask how far it is, and go on from there.
error-upload-busy = Another request is sending this file. Wait until it ends, then go on.
error-upload-beyond = The file that is sent is larger than the { $length } bytes announced. Begin again with the right size.
error-upload-piece = One piece is larger than { $limit } MiB. Send the file in smaller pieces.
error-upload-checksum = This piece arrived altered: its checksum differs. Nothing of it was kept; send it again.
error-upload-altered = This slide arrived altered: its bytes are not those that its sender announced. It was not added; send it again.
error-upload-digest = The SHA-256 announced for “{ $name }” is none: 64 hexadecimal digits, in small letters. Correct the program that sends.
error-upload-right = You may no longer add slides to this case: this one was not added. Ask the institution of the case to add it.
error-upload-lost = The bytes of this upload are no longer there. Begin it again.
error-upload-space = The server has no room left for this slide. Tell the administrator of telepath; what has arrived is not lost.
error-upload-nothing = No file is announced. Choose at least one file of a slide.
error-upload-files = A slide has { $limit } files at most. Choose the folder of a single slide.
error-upload-name = A file of the slide “{ $name }” has a name that cannot be kept. Copy the slide from the scanner again, without renaming its files.
error-upload-extra = “{ $name }” is not part of this slide. Send one slide at a time, with its own files only.
error-upload-empty = “{ $name }” is empty. Copy the file from the scanner again.
error-upload-too-large = This slide is larger than { $limit } GB: it cannot be received over the network. The administrator can add it on the server.
error-upload-under-way = { $whose ->
        [person] You already have { $count } uploads or { $limit } GB under way. Let them end, or give some up.
       *[institution] Your institution already has { $count } uploads or { $limit } GB under way. Let them end.
    }
error-upload-unnamed = This file, of this size, is none of those that were announced for this slide.
error-upload-unfinished = { $count ->
        [one] One file of this slide has not arrived as a whole yet.
       *[other] { $count } files of this slide have not arrived as a whole yet.
    } Send the rest first.
error-upload-state = This upload is over: it takes nothing more, and cannot be given up.
error-zip-damaged = This ZIP file is incomplete or damaged. Make it again, then send it again.
error-zip-limit = This ZIP file is refused: what it announces is more than a slide holds. Unpack it, and send the slide.
error-zip-name = This ZIP file is refused: it holds a link, or a file name that is not accepted. Unpack it, and send the slide.
error-zip-encrypted = This ZIP file is protected by a password. Unpack it, and send the slide.
error-zip-method = This ZIP file is packed in a way that the service does not read. Unpack it, and send the slide.
error-zip-empty = This ZIP file holds no slide.
error-zip-nested = This ZIP file holds another archive. Unpack it, and send the slides one by one.
error-slide-twice = This slide is already in this case, byte for byte: it was not added a second time.

watch-added = Slide added to case { $number }.
watch-twice = This slide was already in case { $number }: it was not added a second time.
watch-refused = Put aside: { $reason }
error-watch-folder = This folder does not exist, or the service may not open it.
error-watch-institution = No institution has the FINESS number { $institution }. Check it with: telepath institutions list
error-watch-person = Nobody has the national number { $number }. Check it with: telepath people list
error-watch-case = No case of this institution has the number { $number }. Open it first, then drop the slide again.
error-watch-unmatched = { $count ->
        [0] its label names no case of this institution. Drop it again, into a folder named after the case’s number.
       *[other] its label could name { $count } cases of this institution. Drop it again, into a folder named after the right one’s number.
    }
