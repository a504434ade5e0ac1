package authz

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// policyRouter asks, for each name, the source that is responsible for it: each source once, all at the same time. What a
// source that fails was asked is denied, and what another one granted stays.
type policyRouter struct {
	sources map[string]Policy
	// route returns the source of a name, "" without one.
	route  func(name string) string
	failed func(error)
	// decided is told how long a source took, nil without anybody who wants to know.
	decided func(source string, took time.Duration, err error)
}

// Decide implements Policy.
func (r *policyRouter) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	asked := map[string][]string{}
	for _, name := range names {
		if source := r.route(name); source != "" {
			asked[source] = append(asked[source], name)
		}
	}
	if len(asked) == 1 {
		for source, names := range asked {
			granted, err := r.ask(ctx, source, caller, names)
			tell(ctx, r.failed, err)
			return granted, nil
		}
	}
	answers, problems := make([][]string, len(asked)), make([]error, len(asked))
	var running sync.WaitGroup
	for i, source := range slices.Sorted(maps.Keys(asked)) {
		running.Go(func() { answers[i], problems[i] = r.ask(ctx, source, caller, asked[source]) })
	}
	running.Wait()
	tell(ctx, r.failed, errors.Join(problems...))
	return slices.Concat(answers...), nil
}

// tell tells of what went wrong when something was decided, once for all of it, unless whoever asked has gone: clients could
// otherwise fill a log with that.
func tell(ctx context.Context, failed func(error), err error) {
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		failed(err)
	}
}

// waits tells whether the decision about a name comes from elsewhere.
func (r *policyRouter) waits(name string) bool {
	source := r.route(name)
	return source == webhookSource || source == opaSource
}

// ask returns what one source grants of what it is asked; nothing when it fails.
func (r *policyRouter) ask(ctx context.Context, source string, caller Identity, names []string) ([]string, error) {
	start := time.Now()
	granted, err := r.askOne(ctx, source, caller, names)
	if r.decided != nil {
		r.decided(source, time.Since(start), err)
	}
	if err != nil {
		return nil, fmt.Errorf("the policy source %s: %w", source, err)
	}
	return ofThose(granted, names), nil
}

// ofThose returns the names that are granted, in a list of its own.
func ofThose(granted, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(granted, name) })
}

// askOne asks one source. A panic is an error.
func (r *policyRouter) askOne(ctx context.Context, source string, caller Identity, names []string) (granted []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			granted, err = nil, fmt.Errorf("panicked: %v", r)
		}
	}()
	return r.sources[source].Decide(ctx, caller, names)
}
