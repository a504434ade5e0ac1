package executor

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// What the answers to all introspection of one operation may have together: some bytes for small schemas, and a few times what
// the introspection query of tools is answered. Who repeats descriptions, or names what they like, gets no more.
const (
	introspectionBase  = 1 << 20
	introspectionTimes = 4
	// elementSize is what that query is answered about a type, field or value, apart from its own texts.
	elementSize = 256
)

// bound returns this limit.
func (in *introspection) bound() int {
	n := 0
	element := func(text ...string) {
		n += elementSize
		for _, s := range text {
			n += len(s)
		}
	}
	values := func(all []*supergraph.InputValue) {
		for _, v := range visibleValues(all) {
			element(v.Name, v.Description, pointed(v.Default), pointed(v.Deprecated))
		}
	}
	for _, t := range in.types {
		element(t.Name, t.Description, t.SpecifiedBy)
		n += elementSize * (len(t.Interfaces) + len(t.Possible))
		for _, f := range visibleFields(t) {
			element(f.Name, f.Description, pointed(f.Deprecated))
			values(f.Args)
		}
		for _, v := range t.EnumValues {
			element(v.Name, v.Description, pointed(v.Deprecated))
		}
		values(t.InputFields)
	}
	for _, d := range in.schema.Directives {
		element(d.Name, d.Description)
		values(d.Args)
	}
	return introspectionBase + introspectionTimes*n
}

// pointed is the text it points to, if any.
func pointed(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
