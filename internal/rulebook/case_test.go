package rulebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// fedCase is a file testdata/<name>.txt: comment lines, then sections with a heading "-- name --" in a line of its own.
//
//	-- subgraph <name> --   the SDL of a subgraph
//	-- data --              what the subgraphs answer from, see data
//	-- operation --         followed by any of these:
//	-- variables --         of the operation
//	-- answer --            of the gateway. Of errors only path and code count
//	-- fetches --           the subgraphs that are asked, once for each request; in order for mutations
type fedCase struct {
	name       string
	subgraphs  []subgraphSDL
	data       data
	operations []*request
}

type subgraphSDL struct {
	Name string `json:"name"`
	SDL  string `json:"sdl"`
}

type request struct{ document, variables, answer, fetches string }

// data has the objects that can be referred to, by "<type>:<any name>"; the objects of root types are "Query" and "Mutation". A member is the value
// of a field; "<field>@<subgraph>" is what one subgraph says. Where the field's type is composite, a string refers to an object, and an object with
// members is one without a name (with __typename, where the type is abstract). There are four special values:
// "$args" is the arguments that the subgraph got, as text; {"$by": {"<arguments as JSON>": value}} is a value for each; {"$error": "message"} fails;
// "$unknown" is an object of lists: what a subgraph does not know as entities.
type data map[string]map[string]any

func readCase(file string) (*fedCase, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &fedCase{name: strings.TrimSuffix(filepath.Base(file), ".txt")}
	for i, section := range strings.Split("\n"+string(text), "\n-- ") {
		if i == 0 {
			continue // what the documentation says
		}
		heading, body, found := strings.Cut(section, " --\n")
		if !found {
			return nil, fmt.Errorf("%s: the heading %q", file, section)
		}
		if err := c.add(heading, strings.TrimSpace(body)); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, heading, err)
		}
	}
	if len(c.operations) == 0 {
		return nil, fmt.Errorf("%s: no operations", file)
	}
	return c, nil
}

func (c *fedCase) add(heading, body string) error {
	kind, name, _ := strings.Cut(heading, " ")
	if kind == "subgraph" {
		c.subgraphs = append(c.subgraphs, subgraphSDL{name, body + "\n"})
		return nil
	}
	if kind == "data" {
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.UseNumber()
		return decoder.Decode(&c.data)
	}
	if kind == "operation" {
		c.operations = append(c.operations, &request{document: body, variables: "{}"})
		return nil
	}
	if len(c.operations) == 0 {
		return fmt.Errorf("no operation")
	}
	r := c.operations[len(c.operations)-1]
	target := map[string]*string{"variables": &r.variables, "answer": &r.answer, "fetches": &r.fetches}[kind]
	if target == nil {
		return fmt.Errorf("unknown")
	}
	*target = body
	return nil
}

// canonical is a value as JSON, with sorted members.
func canonical(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}
