package braid_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// foreign are the functions of other modules that start a goroutine or wait
// for one. A sync.Mutex is not among them: braid holds none across a wait.
var foreign = []string{
	"time.Sleep", "time.AfterFunc", "context.AfterFunc", "iter.Pull", "iter.Pull2",
	"(*sync.WaitGroup).Go", "(*sync.WaitGroup).Wait", "(*sync.Cond).Wait",
	"(*golang.org/x/sync/errgroup.Group).Go", "(*golang.org/x/sync/errgroup.Group).TryGo",
	"(*golang.org/x/sync/errgroup.Group).Wait", "(*golang.org/x/sync/semaphore.Weighted).Acquire",
	"(*golang.org/x/sync/singleflight.Group).Do", "(*golang.org/x/sync/singleflight.Group).DoChan",
}

// blocking tells, by full name, which functions of the packages start
// goroutines or can block, and why. A function does if it takes a context, if
// its body does, or if it uses a function that does. Where the source does not
// tell, it errs on the side of asking: a function literal counts as run where
// it is written, a function that is handed on as called, and a call through an
// interface as one of every method with that name.
func blocking(packages []*sourcePackage) map[string]string {
	methods := make(map[string][]string)   // full names, by the name alone
	uses := make(map[string][]*types.Func) // by the full name of the user
	reasons := make(map[string]string)
	for _, p := range packages {
		p.declarations(func(d ast.Node, ident *ast.Ident, _ string) {
			if d, ok := d.(*ast.FuncDecl); ok {
				name := p.info.Defs[ident].(*types.Func).FullName()
				if d.Recv != nil {
					methods[ident.Name] = append(methods[ident.Name], name)
				}
				var reason string
				if reason, uses[name] = inspect(d, &p.info); reason != "" {
					reasons[name] = reason
				}
			}
		})
	}
	reason := func(used *types.Func) string {
		if receiver := used.Signature().Recv(); receiver != nil && types.IsInterface(receiver.Type()) {
			for _, method := range methods[used.Name()] {
				if reasons[method] != "" {
					return reasons[method]
				}
			}
		}
		return reasons[used.FullName()]
	}
	for changed := true; changed; {
		changed = false
		for _, user := range slices.Sorted(maps.Keys(uses)) {
			for _, used := range uses[user] {
				if reasons[user] == "" && reason(used) != "" {
					reasons[user] = "uses " + used.Name() + ", which " + reason(used)
					changed = true
				}
			}
		}
	}
	return reasons
}

// inspect says why the function itself starts goroutines or can block, if it
// does, and which other functions it uses.
func inspect(d *ast.FuncDecl, info *types.Info) (reason string, uses []*types.Func) {
	for _, parameter := range d.Type.Params.List {
		if info.TypeOf(parameter.Type).String() == "context.Context" {
			reason = "takes a context"
		}
	}
	polled := make(map[ast.Node]bool) // operations of a select, which do not block by themselves
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			reason = "starts a goroutine"
		case *ast.SelectStmt:
			waits := true
			for _, clause := range n.Body.List {
				operation := clause.(*ast.CommClause).Comm
				polled[channelOperation(operation)] = true
				waits = waits && operation != nil
			}
			if waits {
				reason = "waits in a select"
			}
		case *ast.SendStmt:
			if !polled[n] {
				reason = "sends to a channel"
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && !polled[n] {
				reason = "receives from a channel"
			}
		case *ast.RangeStmt:
			if _, ok := info.TypeOf(n.X).Underlying().(*types.Chan); ok {
				reason = "ranges over a channel"
			}
		case *ast.Ident:
			if used, ok := info.Uses[n].(*types.Func); ok {
				used = used.Origin()
				uses = append(uses, used)
				if slices.Contains(foreign, used.FullName()) {
					reason = "calls " + used.FullName()
				}
			}
		}
		return true
	})
	return reason, uses
}

// channelOperation finds the send or receive in what follows a case of a select.
func channelOperation(s ast.Stmt) ast.Node {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return ast.Unparen(s.X)
	case *ast.AssignStmt:
		return ast.Unparen(s.Rhs[0])
	}
	return s
}
