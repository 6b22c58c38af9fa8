(** Statements about numbers: premises that hold, and conclusions that fail, at a point. *)
From Obligations Require Export Cases.

Ltac true_at_point := repeat match goal with |- _ /\ _ => split end; intros; first
  [ exact I | lra | eexists; solve [reflexivity | lra] | interval | one_side; interval | exfalso; lra
  | left; solve [lra | interval] | right; solve [lra | interval] | split_cases; lra ].

Ltac false_relation H := match type of H with
  | ?a <= ?b => let N := fresh in assert (N : b < a) by interval; lra
  | ?a < ?b => let N := fresh in assert (N : b <= a) by interval; lra
  | ?a >= ?b => let N := fresh in assert (N : a < b) by interval; lra
  | ?a > ?b => let N := fresh in assert (N : a <= b) by interval; lra
  | ?a = ?b => let N := fresh in first [ assert (N : a - b < 0) by interval; lra | assert (N : 0 < a - b) by interval; lra ]
  | ?a <> ?b => exfalso; apply H; first [ lra | field ]
  end.
Ltac false_at_point H := first
  [ solve [lra] | solve [false_relation H] | solve [split_cases; lra] | solve [split_cases; false_relation H]
  | solve [destruct H as [H | H]; false_at_point H]
  | solve [let A := fresh in let B := fresh in destruct H as [A B]; first [ false_at_point A | false_at_point B ]] ].
