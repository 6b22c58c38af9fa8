(** Lemma 3 of "No Free Prune", repaired: I(W; D) <= I(m; D) + E log N_m. The index W refines the mask m. *)
From NoFreePrune Require Export FiniteClass.

(** ** A finer index costs at most the logarithm of the number of refinements *)
Section Refine.
Context {D : Type} (E : (D -> R) -> R) (HE : expectation E).

Lemma abs_mono_term : forall a b c, 0 <= a <= b -> Rabs (a * ln (b / c)) <= Rabs (b * ln (b / c)).
Proof. intros a b c H. rewrite !Rabs_mult. apply Rmult_le_compat_r; [ apply Rabs_pos | ].
rewrite !Rabs_pos_eq; lra. Qed.

Lemma term_le : forall a b : D -> R, (forall d, 0 <= a d <= b d) -> (forall d, b d <= 1) ->
  E (fun d => a d * ln (a d / E a)) <= E (fun d => a d * ln (b d / E b)) + E a * ln (E b / E a).
Proof.
  intros a b Hab Hb.
  assert (Ba : bounded a) by (apply (bounded_between _ 0 1); intros d; specialize (Hab d); specialize (Hb d); lra).
  assert (Bb : bounded b) by (apply (bounded_between _ 0 1); intros d; specialize (Hab d); specialize (Hb d); lra).
  assert (Ha0 : 0 <= E a) by (apply (e_pos E HE); auto; intros d; apply Hab).
  assert (Hle : E a <= E b) by (apply (e_mono E HE); auto; intros d; apply Hab).
  assert (Bab : forall c, 0 < c -> bounded (fun d => a d * ln (b d / c))).
  { intros c Hc. exists (1 + c + / c). intros d. eapply Rle_trans; [ apply abs_mono_term, Hab | ].
    apply xlnx_bound; [ specialize (Hab d); specialize (Hb d); lra | exact Hc ]. }
  destruct (Req_dec (E a) 0) as [Z0 | Z0].
  - (* a null index *)
    assert (L : E (fun d => a d * ln (a d / E a)) = 0).
    { rewrite <- (e_const E HE 0). apply (e_ext E HE). intros d. unfold Rdiv.
      rewrite Z0, Rinv_0, Rmult_0_r, ln_0. ring. }
    rewrite L, Z0, Rmult_0_l, Rplus_0_r. destruct (Req_dec (E b) 0) as [Z1 | Z1].
    + rewrite <- (e_const E HE 0) at 1. apply Req_le, (e_ext E HE). intros d. unfold Rdiv.
      rewrite Z1, Rinv_0, Rmult_0_r, ln_0. ring.
    + assert (Hb0 : 0 < E b) by (apply pos_ne; [ lra | exact Z1 ]).
      apply Rnot_lt_le. intros Hneg. set (x := E (fun d => a d * ln (b d / E b))) in *.
      set (eta := - x / 2). assert (He : 0 < eta) by (unfold eta; lra).
      assert (- eta <= x); [ | unfold eta in *; lra ].
      apply Rle_trans with (E (fun d => (1 + ln (eta / E b)) * a d - eta)).
      { rewrite (e_minus E HE), (e_scal E HE), (e_const E HE), Z0 by bnd. lra. }
      apply (e_mono E HE); [ bnd | apply Bab, Hb0 | ]. intros d. specialize (Hab d).
      pose proof (gibbs (a d) eta ltac:(lra) He) as G.
      destruct (Req_dec (a d) 0) as [A0 | A0]; [ rewrite A0; lra | ].
      assert (0 < a d) by (apply pos_ne; [ lra | exact A0 ]).
      rewrite ln_div in G |- * by lra. rewrite ln_div by lra.
      assert (ln (a d) <= ln (b d)). { destruct (Req_dec (a d) (b d)) as [-> | ]; [ lra | left; apply ln_increasing;
      lra ]. }
      nra.
  - assert (Ha : 0 < E a) by (apply pos_ne; assumption).
    assert (Baa : bounded (fun d => a d * ln (a d / E a))).
    { exists (1 + E a + / E a). intros d. apply xlnx_bound; [ specialize (Hab d); specialize (Hb d);
      lra | exact Ha ]. }
    replace (E a * ln (E b / E a)) with (E (fun d => ln (E b / E a) * a d)) by (rewrite (e_scal E HE) by bnd; ring).
    rewrite <- (e_add E HE) by (try apply Bab; bnd; lra).
    apply (e_mono E HE); [ exact Baa | apply bounded_plus; [ apply Bab; lra | bnd ] | ].
    intros d. specialize (Hab d). destruct (Req_dec (a d) 0) as [A0 | A0]; [ rewrite A0; lra | ].
    assert (0 < a d) by (apply pos_ne; [ lra | exact A0 ]).
    rewrite !ln_div by lra.
    assert (ln (a d) <= ln (b d)). { destruct (Req_dec (a d) (b d)) as [-> | ]; [ lra | left; apply ln_increasing;
    lra ]. }
    nra.
Qed.

(** entropy of N parts of a mass is at most mass * log N *)
Lemma parts_entropy : forall {J : Type} (js : list J) (q : J -> R) (m : R), (forall j, 0 <= q j) -> rsum q js = m ->
  (0 < length js)%nat -> rsum (fun j => q j * ln (m / q j)) js <= m * ln (INR (length js)).
Proof.
  intros J js q m Hq Hm Hlen. assert (HN : 0 < INR (length js)) by (apply lt_0_INR; exact Hlen).
  assert (Hm0 : 0 <= m) by (rewrite <- Hm; apply rsum_nonneg; auto).
  destruct (Req_dec m 0) as [Z | Z].
  - rewrite Z, Rmult_0_l. rewrite (rsum_ext _ (fun _ => 0)); [ rewrite rsum_const; lra | ].
    intros j _. unfold Rdiv. rewrite Rmult_0_l, ln_0. ring.
  - assert (0 < m) by (apply pos_ne; assumption). set (c := m / INR (length js)).
    assert (0 < c) by (apply Rdiv_lt_0_compat; lra).
    assert (G : 0 <= rsum (fun j => q j * ln (q j / c)) js).
    { apply Rle_trans with (rsum (fun j => q j - c) js); [ rewrite rsum_minus, rsum_const, Hm; unfold c;
      apply Req_le; field; lra | ].
      apply rsum_le. intros j _. apply gibbs; [ apply Hq | assumption ]. }
    replace (m * ln (INR (length js))) with (rsum (fun j => ln (INR (length js)) * q j) js) by (rewrite rsum_scal,
    Hm; ring).
    apply Rle_trans with (rsum (fun j => ln (INR (length js)) * q j - q j * ln (q j / c)) js);
    [ | rewrite rsum_minus; lra ].
    apply rsum_le. intros j _. destruct (Req_dec (q j) 0) as [Z1 | Z1]; [ rewrite Z1; lra | ].
    assert (0 < q j) by (apply pos_ne; auto). unfold c. rewrite !ln_div by (try apply Rdiv_lt_0_compat; lra).
    apply Req_le. ring.
Qed.

Section Pairs.
Context {M J : Type} (ms : list M) (js : M -> list J) (p : M * J -> D -> R) (pm : M -> D -> R).
Let ts := flat_map (fun m => map (pair m) (js m)) ms.
Hypothesis Hp : learner ts p.
Hypothesis Hpm : learner ms pm.
Hypothesis Hsum : forall m d, In m ms -> rsum (fun j => p (m, j) d) (js m) = pm m d.
Hypothesis Hpos : forall m, In m ms -> (0 < length (js m))%nat.

Theorem lemma_3 : information E ts p <= information E ms pm + rsum (fun m => E (pm m) * ln (INR (length (js m))))
  ms.
Proof.
  rewrite (information_sum E HE ts p Hp), (information_sum E HE ms pm Hpm), <- rsum_add.
  unfold ts. rewrite rsum_flat_map. apply rsum_le. intros m Hm. rewrite rsum_map. unfold marginal.
  assert (Bp : forall j, bounded (p (m, j))) by (intros j; apply (bounded_p ts p Hp)).
  assert (Hle : forall j d, In j (js m) -> 0 <= p (m, j) d <= pm m d).
  { intros j d Hj. pose proof (p_range ts p Hp (m, j) d). split; [ lra | ]. rewrite <- (Hsum m d Hm).
    apply (rsum_member (fun j => p (m, j) d)); [ exact Hj | ]. intros u _. apply (p_range ts p Hp). }
  apply Rle_trans with (rsum (fun j => E (fun d => p (m, j) d * ln (pm m d / E (pm m))) + E (p (m,
  j)) * ln (E (pm m) / E (p (m, j)))) (js m)).
  - apply rsum_le. intros j Hj. apply term_le; [ intros d; apply Hle, Hj | intros d; apply (p_range ms pm Hpm) ].
  - rewrite rsum_add. apply Rplus_le_compat.
    + apply Req_le. destruct (Req_dec (E (pm m)) 0) as [Z | Z].
      * rewrite (rsum_ext _ (fun _ => 0)).
        -- rewrite rsum_const, Rmult_0_r. rewrite <- (e_const E HE 0). apply (e_ext E HE). intros d. unfold Rdiv.
          rewrite Z, Rinv_0, Rmult_0_r, ln_0. ring.
        -- intros j _. rewrite <- (e_const E HE 0). apply (e_ext E HE). intros d. unfold Rdiv.
          rewrite Z, Rinv_0, Rmult_0_r, ln_0. ring.
      * assert (Hc : 0 < E (pm m)). { apply pos_ne; [ | exact Z ].
        apply (e_pos E HE); [ apply (bounded_p ms pm Hpm) | intros d; apply (p_range ms pm Hpm) ]. }
        transitivity (E (fun d => rsum (fun j => p (m, j) d * ln (pm m d / E (pm m))) (js m))).
        -- assert (B : forall l, (forall j, In j l -> In j (js m)) ->
          bounded (fun d => rsum (fun j => p (m, j) d * ln (pm m d / E (pm m))) l) /\
             E (fun d => rsum (fun j => p (m, j) d * ln (pm m d / E (pm m))) l) = rsum (fun j => E (fun d => p (m,
             j) d * ln (pm m d / E (pm m)))) l).
           { induction l as [|j l IH]; intros Hl; cbn [rsum]; [ split;
             [ apply bounded_const | apply (e_const E HE) ] | ].
             destruct (IH (fun u Hu => Hl u (or_intror Hu))) as [B1 B2].
             assert (Bj : bounded (fun d => p (m, j) d * ln (pm m d / E (pm m)))).
             { exists (1 + E (pm m) + / E (pm m)). intros d.
               eapply Rle_trans; [ apply abs_mono_term, Hle, Hl; left; reflexivity | ].
               apply xlnx_bound; [ apply (p_range ms pm Hpm) | exact Hc ]. }
             split; [ apply bounded_plus; assumption | ]. rewrite (e_add E HE), B2 by assumption. reflexivity. }
           symmetry. apply B. auto.
        -- apply (e_ext E HE). intros d. transitivity (ln (pm m d / E (pm m)) * rsum (fun j => p (m, j) d) (js m)).
           ++ rewrite <- rsum_scal. apply rsum_ext. intros j _. ring.
           ++ rewrite (Hsum m d Hm). ring.
    + apply (parts_entropy (js m) (fun j => E (p (m, j)))).
      * intros j. apply (e_pos E HE); [ apply Bp | intros d; apply (p_range ts p Hp) ].
      * rewrite <- (e_rsum E HE) by apply Bp. apply (e_ext E HE). intros d. apply Hsum, Hm.
      * apply Hpos, Hm.
Qed.

End Pairs.

End Refine.
