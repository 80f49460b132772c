package blackbox

import "testing"

// TestServices sends each of the services the same requests. Go does not see what is prepared outside of
// the tree; after that, it takes -count=1 to have the twins tested, too.
func TestServices(t *testing.T) {
	readSources(t)
	for _, s := range Services {
		t.Run(s.Name, func(t *testing.T) {
			c := launch(t, s)
			for _, part := range []struct {
				name string
				test func(*client)
			}{
				{"pragmas", pragmas},
				{"requests", requests},
				{"what is stored", stored},
				{"allowed methods", methods},
				{"pages", pages},
				{"summary", summary},
				{"import", imports},
				{"writes at once", writesAtOnce},
				{"the end", ends}, // last: no service is left
			} {
				t.Run(part.name, func(t *testing.T) { part.test(c.in(t)) })
			}
		})
	}
}
