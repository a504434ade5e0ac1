package fedgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// turned says which labels of progressive overrides are on, of those that may be on or off.
type turned uint8

const (
	allOff turned = iota
	allOn
	everyOther // on, and the others are off
)

// percentage is what a label says of requests; 0 of a label that nobody turns on.
func percentage(label string) float64 {
	text, isPercent := strings.CutPrefix(label, "percent(")
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, ")"), 64)
	if !isPercent || err != nil {
		return 0
	}
	return n
}

// findLabels finds the labels that may be on or off.
func (w *world) findLabels() {
	for _, p := range w.parts {
		for _, t := range p.types {
			for _, f := range t.fields {
				if n := percentage(f.label); n > 0 && n < 100 && !slices.Contains(w.varying, f.label) {
					w.varying = append(w.varying, f.label)
				}
			}
		}
	}
	slices.Sort(w.varying)
}

func (w *world) labelOn(label string) bool {
	i := slices.Index(w.varying, label)
	switch {
	case i < 0:
		return percentage(label) >= 100
	case w.labels == everyOther:
		return (uint64(i)+w.seed)%2 == 0
	}
	return w.labels == allOn
}

// turns are the ways to turn the labels.
func (w *world) turns() []turned {
	switch len(w.varying) {
	case 0:
		return []turned{allOff}
	case 1:
		return []turned{allOff, allOn}
	}
	return []turned{allOff, allOn, everyOther}
}

// noteLabels notes what there is of labels about a field of a type that a subgraph resolves.
func (c *call) noteLabels(on, name string, pf *partField) {
	w := c.world
	if pf.label != "" {
		w.note("@override: label on")
		w.noteIf(w.labels == everyOther, "@override: label on, another one off")
		w.noteIf(percentage(pf.label) == 100, "@override: label always on")
		w.noteIf(len(w.types[on].fields[name].owners) > 1, "@override: label on, of a shared field")
		w.noteIf(w.labelsOf(name, pf.label, on) > 0, "@override: label on, two of one field")
		w.noteIf(w.others(pf) > 0, "@override: label on, of several fields")
	}
	for _, p := range w.parts {
		t := p.types[on]
		if t == nil || t.fields[name] == nil {
			continue
		}
		f := t.fields[name]
		if f.label == "" || f.overrideFrom != c.part.name {
			continue
		}
		w.note("@override: label off")
		w.noteIf(percentage(f.label) == 0, "@override: label never on")
		w.noteIf(!strings.HasPrefix(f.label, "percent("), "@override: label of another form")
		w.noteIf(w.labels == everyOther, "@override: label off, another one on")
		w.noteIf(len(w.types[on].fields[name].owners) > 1, "@override: label off, of a shared field")
	}
}

// labelsOf counts the other labels of a field.
func (w *world) labelsOf(name, label, on string) int {
	n := 0
	for _, p := range w.parts {
		if t := p.types[on]; t != nil && t.fields[name] != nil && t.fields[name].label != "" && t.fields[name].label != label {
			n++
		}
	}
	return n
}

// others counts the other fields with the label of one.
func (w *world) others(f *partField) int {
	n := 0
	for _, p := range w.parts {
		for _, t := range p.types {
			for _, other := range t.fields {
				if other != f && other.label == f.label {
					n++
				}
			}
		}
	}
	return n
}

// TestLabels: percentages between none and all are on and off, in all ways that tell them apart; other labels stay as they are.
func TestLabels(t *testing.T) {
	t.Parallel()
	sdl := `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@override"])
type Query {`
	labels := []string{"percent(0)", "percent(0.5)", "percent(50)", "percent(100)", "percent(many)", "team-a"}
	for i, label := range labels {
		sdl += fmt.Sprintf(" f%d: Int @override(from: \"ghost\", label: %q)", i, label)
	}
	for turn, want := range map[turned]string{
		allOff: "percent(100)", allOn: "percent(0.5) percent(50) percent(100)", everyOther: "percent(50) percent(100)",
	} {
		w, err := newWorld(1, []Subgraph{{"alpha", sdl + "}"}}, worldOptions{labels: turn})
		if err != nil {
			t.Fatal(err)
		}
		if turns := w.turns(); len(turns) != 3 {
			t.Errorf("%d ways to turn the labels", len(turns))
		}
		on := slices.DeleteFunc(slices.Clone(labels), func(label string) bool { return !w.labelOn(label) })
		if got := strings.Join(on, " "); got != want {
			t.Errorf("%d: %q are on, want %q", turn, got, want)
		}
	}
}
