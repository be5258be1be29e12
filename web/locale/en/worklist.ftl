# The worklist: tabs, search, saved filters, keyboard shortcuts.

worklist-tabs = Tabs of the list
view-mine = Overview
view-to-answer = To do
view-waiting = Waiting
view-late = Late
view-signed = Signed
view-institution = My institution
view-all = Whole institution

worklist-search = Number, title, organ or name
worklist-search-short = Number, title, name
worklist-search-do = Search
worklist-search-all = Show all
worklist-filters = Filter and sort
worklist-any = Any
worklist-by-urgency = Urgency
worklist-by-kind = Kind
worklist-by-network = Network
worklist-by-organ = Organ
worklist-by-role = My role
worklist-by-sort = Order
sort-due = Next deadline first
sort-asked = Newest request first
sort-ended = Latest answer first
sort-number = Case number

worklist-saved = Saved filters
worklist-saved-remove = Remove the filter { $name }
worklist-save-as = Keep this search as
worklist-save = Save
error-filter-taken = You already have a filter called “{ $name }”. Choose another name.
error-filters-full = You already have { $limit } filters. Remove one to keep another.

worklist-requester = Requester
worklist-expert = Expert
worklist-ended = Cancelled
worklist-stopped = Clock stopped
worklist-stopped-why = The expert asked for more: the clock goes on once it is there.
worklist-more = Show all { $count }
worklist-pages = Pages of the list
worklist-first = First page
worklist-next = Next page
worklist-none-found = No request matches
worklist-none-found-text = Remove a filter, or search on another tab.
worklist-none-mine = No requests
worklist-none-to-answer = Nothing needs you
worklist-none-waiting = No answer is awaited
worklist-none-late = No deadline has passed
worklist-none-signed = Nothing signed in the last thirty days
worklist-none-institution = No requests under way in your institution
worklist-none-all = Your institution has not asked for anything yet

entry-requested = Accepted
entry-cancelled = Cancelled
entry-material-asked = More material asked for
entry-awaiting-material = Waiting for material
entry-to-countersign = To countersign

list-keys-title = Keyboard shortcuts
list-keys-move = next line, previous line
list-keys-open = open the request
list-keys-search = search
list-keys-on = Use single-key shortcuts, here and on slides

field-filter-name = Name of the filter
field-q = Search
done-filter-saved = Filter saved.
done-filter-removed = Filter removed.

reading-expert = Expert
reading-co-reader = Co-reader
reading-countersigner = Countersigner
reading-third = Third reading (L3)
