package fedgen

import (
	"slices"
	"strings"
)

// wording is how a subgraph words what a key or @requires selects. All of it means the same.
type wording uint8

const (
	backward  wording = 1 << iota // the other way round
	commas                        // which are blanks
	typenames                     // with __typename below fields: a representation must have it there
	fragment                      // in a fragment on the type itself
	twice                         // a field stands once for each field below it
)

// wordSelections chooses such words. Where an interface has keys, The Guild's composer looks for their text in its implementations.
func (g *generator) wordSelections() {
	for _, t := range append(g.objects(), g.abstractTypes...) {
		for _, in := range t.in {
			if in == nil {
				continue
			}
			for _, k := range in.keys {
				if len(t.faced) == 0 && !t.kind.abstract() {
					k.words = g.words(20, backward) | g.words(10, commas) | g.words(12, typenames)
				}
			}
		}
		for _, f := range t.fields {
			words := g.words(10, backward) | g.words(12, typenames) | g.words(12, twice)
			if !t.kind.abstract() {
				words |= g.words(8, fragment)
			}
			for s, in := range f.in {
				if in != nil && in.requires.hasOwn(s) { // its __typename is the subgraph's own: Apollo's composition does not take it
					words &^= typenames
				}
			}
			for _, in := range f.in {
				if in != nil && in.requires != nil {
					in.words = words
				}
			}
		}
	}
}

// hasOwn tells whether a subgraph resolves a field that is selected itself, and only requires something below it.
func (s selection) hasOwn(in int) bool {
	return slices.ContainsFunc(s, func(e *selected) bool { return e.field != nil && e.field.resolves(in) })
}

func (g *generator) words(percent int, w wording) wording {
	if g.chance(percent) {
		return w
	}
	return 0
}

// text is a selection of fields of a type in other words. Of interfaces that are objects to the subgraph there is no __typename to be had.
func (w wording) text(s int, t *typ, sel selection) string {
	var parts []string
	for _, e := range sel {
		switch one := (selection{e}).String(); {
		case w&typenames != 0 && e.field != nil && len(e.sub) > 0 && !e.field.at(s).opaque[s]:
			parts = append(parts, strings.Replace(one, " { ", " { __typename ", 1))
		case w&twice != 0 && e.field != nil && len(e.sub) > 1:
			for _, below := range e.sub {
				parts = append(parts, selection{{field: e.field, args: e.args, sub: selection{below}}}.String())
			}
		default:
			parts = append(parts, one)
		}
	}
	if w&backward != 0 {
		slices.Reverse(parts)
	}
	separator := " "
	if w&commas != 0 {
		separator = ", "
	}
	text := strings.Join(parts, separator)
	if w&fragment != 0 {
		return "... on " + t.name + " { " + text + " }"
	}
	return text
}
