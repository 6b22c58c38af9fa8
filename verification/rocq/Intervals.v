(** Interval arithmetic on Rocq's own integers, so that numbers are certified without the machine's floating-point and
    integer operations: [interval] and [integral] use it wherever a precision is given, [with (i_prec 40)]. *)
From Coq Require Import Reals.
From Interval Require Export Tactic.
From Interval.Float Require Import Specific_ops Specific_stdz.

Module ExactFloats := SpecificFloat StdZRadix2.
Module ExactTactic := IntervalTactic ExactFloats.
Export ExactTactic.
