package fedgen

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

var (
	seconds    = flag.Int("seconds", 0, "how long TestFresh composes and runs new federations")
	first      = flag.Uint64("first", uint64(time.Now().Unix())%1000000*1000, "the first seed of TestFresh")
	operations = flag.Int("operations", 0, "how many random operations are run on each federation; 0: few on the corpus, 40 on new ones")
	failures   = flag.String("failures", "", "a folder for what fails, in the form of testdata/cases")
	open       = flag.String("open", "", "run the cases of testdata/open that match this pattern: defects that are known and not repaired")
	update     = flag.Bool("update", false, "compose testdata/corpus anew, with Node")
)

// corpusOperations is how many random operations are run on each federation of the corpus.
const corpusOperations = 6

// runFederation runs the operations of a federation and n random ones, and returns what failed.
func runFederation(f *federation, n int) []*attempt {
	w, err := newWorld(f.seed, f.subgraphs, worldOptions{whole: f.authorization != nil})
	if err != nil {
		return notStarted(err)
	}
	g, err := newGateway(f, w)
	if err != nil {
		return notStarted(err)
	}
	defer g.http.Close()
	worlds := []*world{w}
	for _, labels := range w.turns()[1:] {
		if f.authorization != nil {
			break
		}
		other, err := newWorld(f.seed, f.subgraphs, worldOptions{labels: labels})
		if err != nil {
			return notStarted(err)
		}
		worlds = append(worlds, other)
	}
	if f.authorization != nil {
		if err := g.guard(f.authorization); err != nil {
			return notStarted(err)
		}
	}
	var list []*attempt
	if problem := g.checkSchema(); problem != "" {
		list = append(list, &attempt{stage: "schema", err: errors.New(problem)})
	}
	requests := f.requests(g.schema, n)
	noted := map[string]int{}
	defer covered.add(noted)
	for _, g.servers.world = range worlds {
		for _, r := range requests {
			if a := g.check(r); a.err != nil {
				list = append(list, g.shrink(a))
			}
			for _, name := range g.servers.world.drainNoted() {
				noted[name]++
			}
			if g.slow {
				break
			}
		}
	}
	return list
}

// notStarted is the failure of a federation of which nothing could be run.
func notStarted(err error) []*attempt { return []*attempt{{stage: "start", err: err}} }

// requests are the operations of a federation and n random ones.
func (f *federation) requests(schema *supergraph.Schema, n int) []request {
	list := slices.Clone(f.operations)
	random := opgen.New(schema, f.seed, opgen.Options{Depth: 5, Fields: 30, Mutations: 10, Nulls: true})
	for range n {
		document, variables := random.Next()
		list = append(list, request{document, string(variables)})
	}
	return list
}

// TestCorpus runs random operations on the federations of the corpus, and the operations of the cases.
func TestCorpus(t *testing.T) {
	t.Parallel()
	t.Cleanup(func() { checkCoverage(t) })
	runAll(t, readAll(t, "c*/*"))
}

// TestOpen runs the cases that are known to fail. One that does not any more moves to testdata/cases.
func TestOpen(t *testing.T) {
	t.Parallel()
	if *open == "" {
		t.Skip("-open says which")
	}
	runAll(t, readAll(t, "open/"+*open))
}

func runAll(t *testing.T, list []*federation) {
	t.Helper()
	for _, f := range list {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			n := *operations
			if n == 0 && len(f.operations) == 0 {
				n = corpusOperations
			}
			for _, a := range runFederation(f, n) {
				t.Errorf("seed %d: %s", f.seed, a)
			}
		})
	}
}

// TestFresh composes new federations and runs many operations on each. "make fuzz-federation" calls it.
func TestFresh(t *testing.T) {
	if *seconds == 0 {
		t.Skip("-seconds says how long")
	}
	tally := newTally()
	defer func() { t.Log(tally) }()
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	goesOn := func() bool { return time.Now().Before(end) && tally.slow < 3 }
	for seed := *first; goesOn(); seed += 50 {
		composed, refused, err := compose(seeds(seed, 50))
		if err != nil {
			t.Fatal(err)
		}
		tally.refuse(refused)
		for _, f := range composed {
			if !goesOn() {
				break
			}
			n := cmp.Or(*operations, 40)
			failed, err := runFresh(f, n)
			switch {
			case errors.Is(err, errUnsatisfiable):
				tally.refused++
			case err != nil:
				t.Fatal(err)
			default:
				tally.add(f, n+outageOperations, failed)
			}
		}
	}
	if len(tally.kinds) > 0 {
		t.Fail()
	}
}

// errUnsatisfiable is the error of a federation that its composer should have refused.
var errUnsatisfiable = errors.New("no subgraph can resolve some operations")

// runFresh runs n operations on a new federation, and more while something is down.
func runFresh(f *federation, n int) ([]*attempt, error) {
	failed := runFederation(f, n)
	if slices.ContainsFunc(failed, (*attempt).withoutPlan) {
		if refused, err := unsatisfiable(f.seed); err != nil {
			return nil, err
		} else if refused {
			return nil, errUnsatisfiable
		}
	}
	return append(failed, runOutages(f, outageOperations).failed...), nil
}

// withoutPlan tells whether there is no plan, as far as the planner can see. Its error is one like others but for the text.
func (a *attempt) withoutPlan() bool {
	return a.err != nil && strings.Contains(a.err.Error(), "no subgraph can resolve")
}

// TestWithoutPlan: that a planner finds no plan is told from other errors.
func TestWithoutPlan(t *testing.T) {
	t.Parallel()
	f := &federation{seed: 1, subgraphs: []Subgraph{{"alpha", "type Query { t: T } type T { id: ID }"}, {"beta", "type T { x: Int }"}}, supergraph: `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { ALPHA @join__graph(name: "alpha", url: "") BETA @join__graph(name: "beta", url: "") }
type Query @join__type(graph: ALPHA) @join__type(graph: BETA) { t: T @join__field(graph: ALPHA) }
type T @join__type(graph: ALPHA) @join__type(graph: BETA) { id: ID @join__field(graph: ALPHA) x: Int @join__field(graph: BETA) }`}
	g := startGateway(t, f, worldOptions{})
	if problem := g.checkSchema(); problem != "" {
		t.Error(problem)
	}
	for document, without := range map[string]bool{`{ t { id } }`: false, `{ t { x } }`: true} {
		if a := g.check(request{document, `{}`}); (a.err != nil) != without || a.withoutPlan() != without {
			t.Error(a)
		}
	}
}

func seeds(first uint64, n int) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		list[i] = first + uint64(i)
	}
	return list
}

// tally sums up a long run: failures by what they look like.
type tally struct {
	federations, refused, operations, failed int
	slow                                     int // operations that are still being planned: too many and the run ends
	kinds                                    map[string]*kindOfFailure
	refusals                                 map[string]*kindOfFailure
}

type kindOfFailure struct {
	count   int
	example string
	size    int
}

func newTally() *tally {
	return &tally{kinds: map[string]*kindOfFailure{}, refusals: map[string]*kindOfFailure{}}
}

// refuse counts what the composer did not take, by what its messages look like.
func (t *tally) refuse(messages map[uint64]string) {
	t.refused += len(messages)
	for seed, message := range messages {
		head, _, _ := strings.Cut(message, "\n")
		kind := "refused: " + particular.ReplaceAllString(head, "_")
		k := t.refusals[kind]
		if k == nil {
			k = &kindOfFailure{example: fmt.Sprintf("seed %d\n%s", seed, message)}
			t.refusals[kind] = k
		}
		k.count++
	}
}

func (t *tally) add(f *federation, n int, failed []*attempt) {
	t.federations++
	t.operations += n
	t.failed += len(failed)
	for _, a := range failed {
		kind := a.kind()
		if errors.Is(a.err, errSlow) {
			t.slow++
		}
		k := t.kinds[kind]
		if k == nil {
			k = &kindOfFailure{}
			t.kinds[kind] = k
		}
		k.count++
		size := len(a.request.document)*10 + len(f.supergraph)/5
		if k.example == "" || k.size > size {
			k.size = size
			k.example = fmt.Sprintf("seed %d\n%s", f.seed, a)
		}
		if *failures != "" {
			keep(f, a)
		}
	}
}

// keep writes a case, and what is wrong with it beside it.
func keep(f *federation, a *attempt) {
	one := *f
	one.operations = []request{a.request}
	name := strings.Trim(noLetters.ReplaceAllString(a.kind(), "-"), "-")
	name = fmt.Sprintf("%s-%d-%04x", name[:min(len(name), 60)], f.seed, hash(a.request, canonical(f.authorization))%0x10000)
	name = filepath.Join(*failures, name)
	report := fmt.Sprintf("seed %d\n%s", f.seed, a)
	if err := os.MkdirAll(*failures, 0o755); err != nil {
		panic(err)
	}
	for file, text := range map[string]string{".txt": one.String(), ".report": report} {
		if err := os.WriteFile(name+file, []byte(text), 0o644); err != nil {
			panic(err)
		}
	}
}

func (t *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d federations (%d refused), %d operations, %d failed\n", t.federations, t.refused, t.operations, t.failed)
	for _, kinds := range []map[string]*kindOfFailure{t.kinds, t.refusals} {
		names := sortedKeys(kinds)
		sort.SliceStable(names, func(i, j int) bool { return kinds[names[i]].count > kinds[names[j]].count })
		for _, name := range names {
			fmt.Fprintf(&b, "\n=== %d times: %s\n%s", kinds[name].count, name, kinds[name].example)
		}
	}
	return b.String()
}

var (
	particular = regexp.MustCompile(`"[^"]*"|\{.*|\[.*|(alpha|beta|gamma|delta|epsilon|zeta)|[A-Za-z]+\d*(\.[a-z_]+\d*)+|\d+|0x[0-9a-f]+`)
	noLetters  = regexp.MustCompile(`[^a-zA-Z]+`)
)

// kind is what a failure has in common with others of the same cause, roughly.
func (a *attempt) kind() string {
	detail, _, _ := strings.Cut(a.err.Error(), "\n")
	return a.stage + ": " + particular.ReplaceAllString(detail, "_")
}

// TestCompose writes the corpus.
func TestCompose(t *testing.T) {
	if !*update {
		t.Skip("-update composes the corpus")
	}
	composed, _, err := compose(seeds(1, 600))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll("testdata/corpus"), os.MkdirAll("testdata/corpus", 0o755)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, f := range composed {
		news := 0
		for _, name := range exercises(t, f) {
			if seen[name]++; seen[name] < 3 {
				news++
			}
		}
		if i > 140 && news == 0 { // the rest are for what is rare
			continue
		}
		if err := os.WriteFile("testdata/corpus/"+f.name+".txt", []byte(f.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// exercises are the features that the operations of TestCorpus exercise on a federation.
func exercises(t *testing.T, f *federation) []string {
	t.Helper()
	clear(covered.operations)
	runFederation(f, corpusOperations)
	return slices.DeleteFunc(slices.Clone(features), func(name string) bool { return covered.operations[name] == 0 })
}
