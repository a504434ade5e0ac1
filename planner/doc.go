// Package planner turns a permitted operation into a plan: which subgraph is asked what, in which order, and where the
// answers go. It is pure: no I/O, no clock, no knowledge of authorization.
//
// # Stages
//
// [Planner.Plan] and [Planner.Explain] are in planner.go, and the nouns of what they return in plan.go. Between them there
// are four stages. The first three run for each batch: a query as a whole, or mutations that share a request.
//
//	paths    planning.findPaths   which ways lead to each leaf?      paths.go, and below
//	choice   planning.choose      which of them together cost least? choose.go, and below
//	fetches  activation.merged    what goes in one request?          fetches.go, merge.go
//	plan     planning.finish      what do the requests say?          assemble.go, and below
//
// The choice is judged by its fetches: each candidate goes through the third stage to learn its cost.
//
// # Nouns
//
//	want        a selection that has to be resolved, of the client or of a key, @requires or context  want.go
//	place       a position of objects in the response, with its layout                                layout.go
//	site        a selection set at a place, for objects that arrive through one branch                site.go
//	branch      a field of a site, for the types of objects for which its ways are the same: a leaf,
//	            or what leads to another site                                                         ways.go
//	way         how the objects of a site can be looked at: in the view of a subgraph, reached by a
//	            field from a way above, or by an entry                                                ways.go
//	view        how a subgraph sees objects: as what they are, or as interface objects                view.go
//	entry       what starts a fetch: root fields, or a key; it has needs, which are branches          ways.go
//	activation  entries that are carried out, with a way for each of their needs                      activation.go
//	node        a fetch to be: entries that go in one request                                         fetches.go
//	assembly    a fetch that is being written, with its lookups and selections                        assemble.go
//
// A key or a @requires is resolved like a selection of the client: its leaves are branches at the same site, with ways of
// their own. So one mechanism leads through any number of subgraphs.
//
// # Files
//
// Paths. Entries into other subgraphs are made in rounds (reach.go), by keys (enter.go). What comes along with the objects
// in every way is not looked for elsewhere (along.go). A field with @requires has ways whose entries need more (requiring.go),
// and so has one with contexts, which lie above (context.go). provides.go says what a way has of its objects without another
// fetch, and below.go which types can be below a field. untold.go says what objects may be asked before anybody knows what they
// are, and late.go has ways that were found after what needs them.
//
// Choice. What every plan has is settled first (certain.go). An activation is priced by what it still needs (price.go).
// A plan that is there is improved (improve.go), rid of what brings nothing new (needless.go), and of waiting (earlier.go).
//
// Plan. Leaves become selection sets (selection.go) and lookups (lookup.go) with representations (representation.go);
// told.go knows who has told the types of objects before. document.go prints what a subgraph gets, and variables.go has what
// it gets of the client's variables.
//
// Around. mutation.go orders root fields of mutations and shares requests between them. budget.go bounds the work. check.go
// holds any plan against what all plans must satisfy, and circles.go tells which fields no plan can have. text.go prints
// what comes of the stages. typeset.go has sets of types.
package planner
