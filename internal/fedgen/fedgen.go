// Package fedgen makes random federations for tests: a schema, cut at random into subgraphs that compose.
//
// Generate is the generator. It gives subgraph SDLs and nothing else: all that a test has to know of a federation (who
// owns what, under which keys, what a field requires) it reads from these, so that a federation in a file stays what it
// is when the generator changes. Its steps are the calls in generate, and stand in the files of these names:
//
//	model.go        the nouns; random.go: numbers; print.go: the SDLs
//	types.go        leaves, values and entities; abstract.go: interfaces and unions; superinterface.go: interfaces of interfaces
//	interfaceobject.go  interfaces that are objects to some subgraphs; interfacerequires.go: what these require; objectkey.go: in keys
//	fields.go       fields and who resolves them; narrow.go, mixed.go: who says another type of one; back.go: fields of type Query
//	know.go         what a subgraph has to know for a type or field, and whether it may
//	requires.go, provides.go, override.go, context.go, inaccessible.go  the directives
//	differences.go  arguments, input fields and enum values that only some subgraphs have
//	forms.go        other words for the same; old.go: Federation 1; unused.go: what composition does not want
//
// The tests of the package are the rest:
//
//	compose/        composes batches of federations (Node, JSON lines in and out); compose_test.go runs it
//	testdata/corpus composed federations; random operations are run on each
//	testdata/cases  federations with operations that failed once
//	testdata/open   the same, of defects that are not repaired yet (-open '*' runs them)
//	file_test.go    the form of these files
//	part_test.go    what one SDL says; world_test.go: all of them -> merged schema, ownership; sdl_test.go: it and what clients see of it
//	data_test.go    every value of it, from hashes; gaps_test.go: entities that are not known or have no key, fields that fail
//	context_test.go what lies above an object, for arguments with @fromContext
//	server_test.go  strict subgraphs; entities_test.go: their _entities; strict_test.go: that they are strict
//	oracle_test.go  the uncut schema; it and the subgraphs are executions by package reference
//	gateway_test.go the stages of the gateway; errors_test.go: error paths; order_test.go: the order of members
//	loop_test.go    corpus, cases and the long run; shrink_test.go: smaller operations that fail the same
//	requests_test.go  the requests are those of the plan; outage_test.go: answers while a subgraph is down
//	quality_test.go plans held against an exhaustive search (optimum_*_test.go) and another planner (peer_*_test.go)
//	sound_test.go   what the composer takes though it is not valid is not generated
//	narrow_test.go, superinterface_test.go, interfacerequires_test.go  types that differ by subgraph, interfaces of interfaces, what
//	                interface objects require
//	differences_test.go, labels_test.go  what subgraphs let clients send, labels of @override
//	forms_test.go, old_test.go  how SDLs word types
//	split_test.go, noentry_test.go  values of which no subgraph has all, entities that some cannot be asked for
//	wording_test.go, external_test.go, rootnames_test.go  how subgraphs word selections, arguments and root types
//	coverage_test.go what the corpus exercises: it fails when a feature of federation is never met
//
//	authorization_test.go          random rules and callers on the corpus; authorization_rules_test.go makes them,
//	                               authorization_siblings_test.go more of the operations
//	authorization_judge_test.go    who may select what, and what subgraphs may be asked; shares no code with package authz
//	authorization_walk_test.go     what a caller gets of the uncut schema, and what is denied
//
// A value is a function of the data seed, the identity of its object, the field, its arguments and what the field
// requires: nothing is stored, and a subgraph computes a field with @requires from its representation while the oracle
// computes it from the data.
package fedgen

// Subgraph is one part of a federation.
type Subgraph struct{ Name, SDL string }

// Generate returns a random federation of two to six subgraphs. Composition refuses two of a hundred:
//
//   - An interface object whose @requires goes through another one that stands further down throws in The Guild's composer
//     ("Expected Party to be an interface type").
//   - Where what is below a field with a label requires something, there may be no way to it for both outcomes.
//   - From a field of type Query The Guild's finds no way to root fields of other subgraphs.
//
// Apollo's refuses more: it throws at @requires and @provides through a field of which the subgraph says a narrower type than
// others ("Invalid field selection", "no corresponding edge"), and takes no context from a field with a label.
func Generate(seed uint64) []Subgraph {
	g := generate(seed)
	return g.print()
}

func generate(seed uint64) *generator {
	g := newGenerator(seed)
	g.leaves()
	g.values()
	g.entities()
	g.apart(37, g.rareKeys)
	g.abstracts()
	g.supers()
	g.grow()
	g.extend()
	g.roots()
	g.apart(36, g.splits)
	g.requires()
	g.provides()
	g.apart(33, g.stubs)
	g.overrides()
	g.apart(41, g.overrideKeys)
	g.apart(23, g.requiresOfObjects)
	g.apart(28, g.contexts)
	g.apart(35, g.leadBack)
	g.apart(38, g.shareStubs)
	g.finishInterfaces()
	g.finishSupers()
	g.forgetResolved()
	g.apart(32, g.externals)
	g.dropUnused()
	g.remember()
	g.apart(42, g.loosenLists)
	g.apart(39, g.unkey)
	g.apart(44, g.requireOldKeys)
	g.apart(31, g.word)
	g.apart(40, g.wordSelections)
	g.apart(43, g.nameRoots)
	g.hide()
	g.apart(34, g.differ)
	return g
}
