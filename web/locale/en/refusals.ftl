# Why something was not done: sentences that the server says in its pages, and the script of the live session says too.
# The session’s own codes are in rooms.ftl.

error-forbidden = This action is not yours to take.
error-conflict = Somebody changed this while you were looking at it. Your change was not saved.
error-unavailable = { $what ->
        [database] The database does not answer at the moment.
        [storage] The storage of the slides does not answer at the moment.
        [mail] The mail server does not answer at the moment.
        [decoder] Too many tiles wait for their turn at the moment.
        [sandbox] Slides temporarily cannot be shown: this service opens them only in isolation, which its system does not give it. Its administrator has to look (telepath check).
        [audit] The audit cannot be written at the moment: nothing is done or shown without it.
       *[other] A service that telepath needs does not answer at the moment.
    }
error-field-missing = The field “{ $field }” is required.
error-text-missing = The field “{ $field }” is empty.
error-text-too-long = The field “{ $field }” exceeds { $limit } characters.
error-text-control = The field “{ $field }” holds invisible characters that are not accepted. Type the text instead of pasting it.
error-text-patient = The field “{ $field }” holds a social security number. A text never says who the patient is: take it out. The identity has a page of its own in the case.
error-thread-view = The attached field is not valid. Go back to the slide and try again.
field-line = Message
