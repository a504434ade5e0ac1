package operation

import "strings"

// link points every fragment spread at its fragment. A spread that closes a cycle is reported and left without a
// target, so that whoever follows targets comes to an end (section 5.5.2.2). Unknown fragments are reported too
// (section 5.5.2.1).
func (c *checker) link() {
	for _, d := range c.doc.fragments {
		c.collectSpreads(d, d.sub)
	}
	for _, d := range c.doc.operations {
		c.collectSpreads(d, d.sub)
	}
	state := map[*definition]linkState{}
	for _, d := range c.doc.fragments {
		c.cutCycles(d, state, nil)
	}
}

// collectSpreads sets the targets of the spreads below sub, and lists them in d.
func (c *checker) collectSpreads(d *definition, sub []*selectionNode) {
	for _, s := range sub {
		if s.kind != spreadNode {
			c.collectSpreads(d, s.sub)
			continue
		}
		if s.target = c.doc.byName[s.name]; s.target == nil {
			c.report(s.pos, "Unknown fragment %s.", quote(s.name))
			continue
		}
		d.spreads = append(d.spreads, s)
	}
}

type linkState uint8

const (
	linkNew linkState = iota
	linkOpen
	linkDone
)

// cutCycles walks the fragments depth first; path are the spreads that lead to d.
func (c *checker) cutCycles(d *definition, state map[*definition]linkState, path []*selectionNode) {
	if state[d] != linkNew {
		return
	}
	state[d] = linkOpen
	kept := d.spreads[:0]
	for _, s := range d.spreads {
		if state[s.target] == linkOpen {
			c.reportCycle(s, path)
			s.target = nil
			continue
		}
		c.cutCycles(s.target, state, append(path, s))
		kept = append(kept, s)
	}
	d.spreads = kept
	state[d] = linkDone
}

// reportCycle reports that s spreads a fragment that path leads out of.
func (c *checker) reportCycle(s *selectionNode, path []*selectionNode) {
	if c.full {
		return
	}
	start := len(path)
	for start > 0 && path[start-1].name != s.name {
		start--
	}
	via := path[start:min(len(path), start+10)]
	names := make([]string, len(via))
	for i, step := range via {
		names[i] = quote(step.name)
	}
	text := ""
	if len(names) > 0 {
		text = " via " + strings.Join(names, ", ")
	}
	c.report(s.pos, "Cannot spread fragment %s within itself%s.", quote(s.name), text)
}

// reachable are the definition and the fragments it spreads, directly or not, each once, in the order they are met.
func reachable(d *definition) []*definition {
	seen := map[*definition]bool{d: true}
	list := []*definition{d}
	for i := 0; i < len(list); i++ {
		for _, s := range list[i].spreads {
			if s.target != nil && !seen[s.target] {
				seen[s.target] = true
				list = append(list, s.target)
			}
		}
	}
	return list
}
