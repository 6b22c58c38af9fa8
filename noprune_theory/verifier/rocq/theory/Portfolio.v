(** Methods that need to know nothing of an obligation but its statement. *)
From Obligations Require Export Limits Events Points.

(** Propositions alone. *)
Ltac by_logic := intros; apply NNPP; intro; tauto.

(** Every part has a value. *)
Ltac defined :=
  intros; split_hypotheses; pose_logarithms; pose_positive; repeat match goal with |- _ /\ _ => split end;
  try intros; split_hypotheses;
  first [ exact I | solve [lra] | solve [posit] | solve [nra] | solve [derivative_exists] | solve [by_cases]
        | solve [interval] ].

(** The function of a limit has a value near the limit. *)
Ltac defined_near_limit := first
  [ apply (near_0 _ 1); [ lra | intros; split_hypotheses; repeat split; first [ lra | posit | nra ] ]
  | apply (near_infinity _ 1); intros; split_hypotheses; repeat split; first [ lra | posit | nra ]
  | apply (near_infinity _ 100); intros; split_hypotheses; repeat split; first [ lra | posit | nra ]
  | apply filter_forall; intros; split_hypotheses; repeat split; first [ lra | posit | nra ] ].
