package authz

import (
	"context"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// AccessRow says whether one caller may select one field.
type AccessRow struct {
	Coordinate supergraph.Coordinate `json:"coordinate"`
	Allowed    bool                  `json:"allowed"`
	// Unmet are the requirements that do not hold, as a schema would write them.
	Unmet []string `json:"unmet,omitempty"`
}

// Access lists all fields that clients see, by type and then in the order of the schema, and whether the caller may select
// them. It asks the policies once, about all that the schema names.
func (a *Authorizer) Access(ctx context.Context, caller Identity) []AccessRow {
	e := a.evaluate(ctx, a.whole, &caller)
	var rows []AccessRow
	for _, t := range a.schema.Types {
		for _, f := range clientFields(t) {
			row := AccessRow{Coordinate: f.Coordinate(), Allowed: true}
			for _, n := range a.requirements.fields[f] {
				if c := &a.whole.list[n]; !e.holds(c) {
					row.Allowed = false
					row.Unmet = append(row.Unmet, c.text)
				}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// clientFields are the fields of a type that clients see.
func clientFields(t *supergraph.Type) []*supergraph.Field {
	if t.Inaccessible || t.Introspection {
		return nil
	}
	var fields []*supergraph.Field
	for _, f := range t.Fields {
		if !f.Inaccessible && !f.Type.Named.Inaccessible {
			fields = append(fields, f)
		}
	}
	return fields
}
