package fedgen

// noteForm notes how a subgraph of Federation 2 words a type of which it resolves a field.
func (c *call) noteForm(on string) {
	t := c.part.types[on]
	if c.part.old || t == nil {
		return
	}
	w, entity := c.world, c.world.types[on].entity
	w.noteIf(t.form.extends && t.def.Directives.ForName("extends") == nil, "Federation 2: extend type")
	w.noteIf(t.form.extends && t.def.Directives.ForName("extends") != nil, "Federation 2: @extends")
	w.noteIf(t.form.parts, "a type in two parts")
	w.noteIf(t.form.parts && t.form.shareable, "a type in two parts: @shareable")
	w.noteIf(!t.form.parts && t.form.shareable, "@shareable: a whole type")
	w.noteIf(t.form.external && entity, "@external: a whole entity")
	for _, f := range t.fields {
		w.noteIf(t.form.extends && f.def.Directives.ForName("external") != nil && !f.external, "Federation 2: an external key of an extension")
	}
}
