// Package offenders lacks examples in every way one can.
package offenders

func Absent() {}

func Silent() {}

func Empty() {}

func Map() {}

func Mapper() {}

func Sorted() {}

type Type struct{}

type Shown struct{}

func (Shown) Method() {}

func (Shown) Other() {}

type hidden struct{}

func (hidden) Method() {}
