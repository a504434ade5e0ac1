package fedgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// compose composes the federations of some seeds by the composer that the environment names. refused has, by seed, why composition
// did not take the others.
func compose(seeds []uint64) (composed []*federation, refused map[uint64]string, err error) {
	return composeBy(os.Getenv("COMPOSER"), seeds)
}

// unsatisfiable tells whether a federation is one that a composer should have refused, since no subgraph can resolve some
// operations: Apollo's composer does, where The Guild's overlooks it.
func unsatisfiable(seed uint64) (bool, error) {
	_, refused, err := composeBy("apollo", []uint64{seed})
	return strings.HasPrefix(refused[seed], "SATISFIABILITY_ERROR"), err
}

func composeBy(composer string, seeds []uint64) (composed []*federation, refused map[uint64]string, err error) {
	type subgraph struct {
		Name string `json:"name"`
		SDL  string `json:"sdl"`
	}
	var in, out, errs bytes.Buffer
	encoder := json.NewEncoder(&in)
	subgraphs := map[uint64][]Subgraph{}
	for _, seed := range seeds {
		subgraphs[seed] = Generate(seed)
		var list []subgraph
		for _, s := range subgraphs[seed] {
			list = append(list, subgraph(s))
		}
		if err := encoder.Encode(map[string]any{"seed": seed, "subgraphs": list}); err != nil {
			return nil, nil, err
		}
	}
	cmd := exec.Command("node", "compose/compose.mjs")
	cmd.Env = append(os.Environ(), "COMPOSER="+composer)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("compose (make fuzz-federation installs what it needs): %w\n%s", err, errs.String())
	}
	refused = map[uint64]string{}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line struct {
			Seed       uint64
			Supergraph string
			Errors     []string
		}
		if err := decoder.Decode(&line); err != nil {
			return nil, nil, err
		}
		if line.Supergraph == "" {
			refused[line.Seed] = line.Errors[0]
			continue
		}
		name := fmt.Sprintf("%06d", line.Seed)
		composed = append(composed, &federation{name, line.Seed, line.Supergraph, subgraphs[line.Seed], nil, nil})
	}
	return composed, refused, nil
}
