package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// rules are what a state enforces: the authorizer and how denials are told.
type rules struct {
	*authz.Authorizer

	config  authz.AuthorizationConfig
	metrics *metrics
}

// newRules returns what the configuration and the program say, or everything that speaks against it. It refuses a schema
// whose rules nobody could satisfy.
func newRules(schema *supergraph.Schema, config Config, o options) (*rules, error) {
	c := config.Authorization
	var problems []Problem
	c.CheckSchema(schema, func(path, text string) {
		problems = append(problems, Problem{Path: pathBelow("authorization", path), Text: text})
	})
	failed := func(err error) {
		o.logger.Warn("a policy could not be asked and denies", "error", shortened(err.Error(), mostOfError))
	}
	policy, err := config.OpenPolicies(schema, failed)
	switch {
	case err != nil:
		return nil, err
	case policy != nil && o.policy != nil:
		problems = append(problems, Problem{
			Path: "authorization.policies.sources", Text: "must be empty, since the program decides about policies itself",
		})
	case policy == nil:
		policy = o.policy
	}
	if len(problems) > 0 {
		return nil, &ConfigError{Problems: problems}
	}
	if err := c.CheckStart(schema, o.recognises(config), o.policy != nil); err != nil {
		return nil, err
	}
	a, err := authz.NewAuthorizer(schema, c, policy, failed)
	if err != nil {
		return nil, err
	}
	if o.fields != nil {
		a = a.WithFieldPermissions(o.fields)
	}
	warnOfRules(schema, config, o)
	if c.DryRun {
		o.metrics.dryRun.Set(1)
	} else {
		o.metrics.dryRun.Set(0)
	}
	return &rules{Authorizer: a.WithObserver(o.metrics.observer(o.logger)), config: c, metrics: o.metrics}, nil
}

// warnOfRules logs what an operator should know about how rules are enforced.
func warnOfRules(schema *supergraph.Schema, config Config, o options) {
	c := config.Authorization
	for _, rule := range c.Unsatisfiable(schema) {
		o.logger.Warn("a rule is satisfied by nobody", "rule", rule)
	}
	if c.DryRun {
		o.logger.Warn("authorization is a dry run: nothing is denied")
	}
	if c.AllowUnconfigured {
		c.AllowUnconfigured = false
		if err := c.CheckStart(schema, o.recognises(config), o.policy != nil); err != nil {
			o.logger.Warn("rules that nobody can satisfy deny what they protect", "error", err.Error())
		}
	}
}

// refuse returns a *refusal when something is denied and the configuration or the request wants all or nothing. What is
// denied is counted.
func (a *rules) refuse(r *http.Request, v *variant) error {
	if len(v.denials) == 0 {
		return nil
	}
	wish := ""
	for value := range strings.SplitSeq(strings.Join(r.Header["X-Gatehouse-Unauthorized"], ","), ",") {
		if strings.EqualFold(strings.TrimSpace(value), "reject") {
			wish = "reject" // whoever adds the stricter wish is heard
		}
	}
	rejection := a.Refuse(v.denials, wish)
	counters := v.counters
	if rejection != nil && a.config.Mode != "reject" {
		counters = a.metrics.denials(v.denials, "reject") // since the request wishes it
	}
	for _, counter := range counters {
		counter.Inc()
	}
	if rejection == nil {
		return nil
	}
	if a.config.Errors.Location == "none" {
		return &refusal{rejection, gqlerr.List{rejection.GraphQLError()}}
	}
	return &refusal{rejection, a.errorsOf(v.denials)}
}

// maxDenialBytes is how many bytes the errors of one operation's denials may have together. A client that gives a field a long
// name, and selects much below it, could otherwise make a response, and a variant, that is a thousand times as long as its document.
const maxDenialBytes = 1 << 20

// errorsOf are the errors of denials: one for each, and, when they get too long, one more for all that are left.
func (a *rules) errorsOf(denials []authz.Denial) gqlerr.List {
	list := make(gqlerr.List, 0, len(denials))
	size := 0
	for i, d := range denials {
		for _, key := range d.Path {
			size += 2 * len(key) // in path and in affectedPath
		}
		if a.config.Errors.Explain {
			for _, text := range d.Unmet {
				size += len(text)
			}
		}
		if i > 0 && size > maxDenialBytes {
			return append(list, gqlerr.New(gqlerr.UnauthorizedFieldOrType, "%d more unauthorized fields or types", len(denials)-i))
		}
		list = append(list, d.GraphQLError(a.config.Errors.Explain))
	}
	return list
}

// variant is what one outcome of an operation's conditions gives. It is read-only but for used.
type variant struct {
	// used: it was asked for since somebody last looked for a variant to give up.
	used *atomic.Bool
	// program is the compiled plan, nil if the operation is refused as a whole.
	program *executor.Program
	denials []authz.Denial
	// errors and extensions tell the client about the denials: errors are those of the response, extensions its extensions.
	errors     gqlerr.List
	extensions []byte
	// counters count what is denied, as the configuration says.
	counters []prometheus.Counter
	// dryRun are the coordinates that would be denied.
	dryRun []string
	weight uint32
}

// newVariant returns a variant without its program.
func (a *rules) newVariant(denials []authz.Denial) *variant {
	v := &variant{denials: denials, used: new(atomic.Bool)}
	if len(denials) == 0 {
		return v
	}
	list := a.errorsOf(denials)
	switch {
	case a.config.DryRun:
		for _, d := range denials {
			v.dryRun = append(v.dryRun, string(d.Coordinate))
		}
		if a.config.Errors.Explain {
			v.extensions = extension("authorizationDryRun", list)
		}
	case a.config.Errors.Location == "extensions":
		v.extensions = extension("authorizationErrors", list)
	case a.config.Errors.Location != "none":
		v.errors = list
	}
	return v
}

// addCounters gives the variant what counts its denials.
func (a *rules) addCounters(v *variant) {
	mode := "filter"
	switch {
	case a.config.DryRun:
		mode = "dryRun"
	case a.config.Mode == "reject":
		mode = "reject"
	}
	v.counters = a.metrics.denials(v.denials, mode)
}

// extension are extensions of a response with one member, a list of errors.
func extension(name string, list gqlerr.List) []byte {
	text := append([]byte(`{"`), name...)
	text = append(text, `":`...)
	return append(list.AppendJSON(text), '}')
}

// logDryRun says what would have been denied.
func (v *variant) logDryRun(ctx context.Context, logger *slog.Logger) {
	const most = 100 // the metric has them all
	if n := len(v.dryRun); n > 0 {
		logger.WarnContext(ctx, "would be denied", "count", n, "fields", v.dryRun[:min(n, most)])
	}
}

// checkKind refuses what the executor would send as if it were a query.
func checkKind(op *operation.Operation) error {
	if op.Kind == operation.Subscription {
		return gqlerr.New(gqlerr.OperationResolutionFailure, "Subscriptions are not supported: the operation must be a query or a mutation")
	}
	return nil
}

// checkIntrospection refuses __schema and __type where introspection is off.
func (a *rules) checkIntrospection(op *operation.Operation) error {
	if a.config.Introspection == "off" && introspects(op.Sub) {
		return gqlerr.New(gqlerr.IntrospectionDisabled, "Introspection is off")
	}
	return nil
}

// waits tells whether evaluating may have to wait for somebody.
func (a *rules) waits(op *prepared) bool { return a.filters(op) || op.guard.Waits() }

// filters tells whether the operation introspects a schema that is filtered.
func (a *rules) filters(op *prepared) bool {
	return op.introspects && a.config.Introspection == "filtered" && !a.config.DryRun
}

// evaluate adds what the caller may see to the bits, and returns what introspection shows to the caller, nil for all.
func (a *rules) evaluate(
	ctx context.Context, op *prepared, caller authz.Identity, bits operation.Bits,
) (operation.Bits, func(supergraph.Coordinate) bool) {
	if a.filters(op) {
		return a.EvaluateVisible(ctx, op.guard, caller, bits)
	}
	return a.Evaluate(ctx, op.guard, caller, bits), nil
}

// introspects tells whether the selections ask for the schema, wherever: a field below the root may be of the query type, too.
func introspects(selections []operation.Selection) bool {
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Field:
			if name := s.Def.Name; name == "__schema" || name == "__type" || introspects(s.Sub) {
				return true
			}
		case *operation.Fragment:
			if introspects(s.Sub) {
				return true
			}
		}
	}
	return false
}
