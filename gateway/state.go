package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// state is everything that one configuration and one supergraph give: read-only but for its caches, which die with it.
type state struct {
	schema   *supergraph.Schema
	limits   Limits
	preparer *operation.Preparer
	planner  *planner.Planner
	executor *executor.Executor
	upstream *upstream.Client
	callers  *callers
	rules    *rules
	caches   *caches
	answers  answers
	// extensions of clients that are forwarded.
	extensions forwarded
	// memory and admission bound what all requests together hold and do.
	memory    *budget.Budget
	bodies    *budget.Budget // the share of memory for bodies of requests, which clients hold as long as they send
	admission *admission
	logger    *slog.Logger
}

// build makes a state, or says everything that speaks against it.
func build(config Config, o options) (*state, error) {
	if problems := config.check(); len(problems) > 0 {
		return nil, &ConfigError{Problems: problems}
	}
	schema, err := loadSchema(config, o)
	if err != nil {
		return nil, err
	}
	s := &state{
		schema: schema, limits: config.Limits, planner: planner.New(schema), caches: newCaches(config.Limits.CacheBytes),
		memory: budget.New(config.Limits.MemoryBytes), admission: newAdmission(config.Limits),
		extensions: config.ForwardExtensions, logger: o.logger,
	}
	s.bodies = s.memory.Share(config.Limits.MemoryBytes / 2) //nolint:mnd // half of it is always left for answers
	if s.preparer, err = operation.New(schema, config.Limits.Limits, suggestions(config)...); err != nil {
		return nil, fmt.Errorf("preparing the API schema: %w", err)
	}
	config.Upstream.Headers, config.Upstream.Reserved = config.HeaderConfig, config.reserved()
	config.Upstream.Forward, config.Upstream.Signing = config.JWT.Forward, config.Signing
	config.Upstream.Observe = o.metrics.calls.observer(o.logger)
	config.Upstream.Memory = s.memory
	config.Upstream.Personal = personal(config.ResponseHeaders)
	if config.Upstream.MaxRequests == 0 {
		config.Upstream.MaxRequests = config.Limits.forOneSubgraph(len(schema.Subgraphs))
	}
	// None of the three needs another: what cannot be read for one is told together with the rest.
	var failed [3]error
	s.rules, failed[0] = newRules(schema, config, o)
	s.upstream, failed[1] = upstream.New(schema.Subgraphs, config.Upstream, config.Subgraphs)
	s.callers, failed[2] = newCallers(context.Background(), config, o)
	if err := errors.Join(failed[:]...); err != nil {
		s.close()
		return nil, err
	}
	s.answers = newAnswers(config.ResponseHeaders, o.depends(config) || s.upstream.ForwardsHeaders())
	s.executor = executor.New(schema, s.upstream, executor.Options{
		MaxResponse: config.Limits.ResponseBytes, Memory: s.memory, Canonical: s.upstream.SignsExtension,
	})
	if warning := config.Signing.Warning(schema.Subgraphs, config.Subgraphs); warning != "" {
		o.logger.Warn(warning)
	}
	return s, nil
}

// suggestions lets errors suggest names, unless that would tell what introspection hides.
func suggestions(config Config) []operation.Option {
	if config.Authorization.Introspection != "full" {
		return nil
	}
	return []operation.Option{operation.WithSuggestions()}
}

// loadSchema reads the supergraph and compares it with the configuration.
func loadSchema(config Config, o options) (*supergraph.Schema, error) {
	sdl := o.supergraph
	if sdl == nil {
		if config.Supergraph.Path == "" {
			return nil, &ConfigError{Problems: []Problem{{Path: "supergraph.path", Text: "is required"}}}
		}
		var err error
		if sdl, err = os.ReadFile(config.Supergraph.Path); err != nil {
			return nil, fmt.Errorf("reading the supergraph: %w", err)
		}
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		return nil, fmt.Errorf("loading the supergraph%s: %w", ofFile(config, o), err)
	}
	if problems := unknownSubgraphs(config, schema); len(problems) > 0 {
		return nil, &ConfigError{Problems: problems}
	}
	return schema, nil
}

// unknownSubgraphs are entries of the configuration for subgraphs that the supergraph does not have.
func unknownSubgraphs(config Config, schema *supergraph.Schema) []Problem {
	known := map[string]*supergraph.Subgraph{}
	for _, s := range schema.Subgraphs {
		known[string(s.Name)] = s
	}
	var problems []Problem
	for name := range config.Subgraphs {
		if known[string(name)] != nil {
			continue
		}
		p := Problem{Path: joinPath("subgraphs", string(name)), Text: "the supergraph has no subgraph of that name"}
		if near := nearest(string(name), known); near != "" {
			p.Text += fmt.Sprintf("; did you mean %q?", near)
		}
		problems = append(problems, p)
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return problems
}

// close gives up what the state holds outside of memory, also when only a part of it could be made.
func (s *state) close() {
	if s.callers != nil {
		s.callers.close()
	}
	if s.upstream != nil {
		s.upstream.Close()
	}
}

// ofFile names the file of the supergraph, if it is from one.
func ofFile(config Config, o options) string {
	if o.supergraph != nil {
		return ""
	}
	return " " + config.Supergraph.Path
}
