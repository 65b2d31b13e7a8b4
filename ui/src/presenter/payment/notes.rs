//! What a customer is likely to hand over: notes of the currency, and amounts that few notes make.

/// Most suggestions.
const NOTES_MAX: usize = 4;
/// Most pieces of a suggestion: nobody pays a small sum with a pile.
const PIECES_MAX: i64 = 3;
/// A single note up to so many times what is due comes first.
const NEAR: i64 = 4;
/// A single note above so many times what is due is not expected.
const FAR: i64 = 10;

/// Amounts above `due` that are worth a button, smallest first. `pieces` are the coins and notes of the currency in minor
/// units, largest first; `unit` is the smallest of them that a customer adds to a note (one euro).
pub fn suggested(due: i64, pieces: &[i64], unit: i64) -> Vec<i64> {
    if due <= 0 {
        return Vec::new();
    }
    let pieces: Vec<i64> = pieces.iter().copied().filter(|piece| *piece >= unit).collect();
    let mut singles: Vec<i64> = pieces.iter().copied().filter(|piece| *piece > due).collect();
    singles.sort_unstable();
    let mut chosen: Vec<i64> =
        singles.iter().copied().filter(|note| *note <= due.saturating_mul(NEAR)).take(2).collect();
    let mut sums: Vec<(i64, i64)> = pieces.iter().filter_map(|piece| sum_of(due, *piece, &pieces)).collect();
    sums.sort_unstable();
    let rest = singles.into_iter().filter(|note| *note <= due.saturating_mul(FAR));
    for amount in sums.into_iter().map(|(_, amount)| amount).chain(rest) {
        if chosen.len() < NOTES_MAX && !chosen.contains(&amount) {
            chosen.push(amount);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// The next multiple of a piece, when it is not the sum itself and few pieces make it, each of which is needed: how many,
/// and the amount.
fn sum_of(due: i64, piece: i64, pieces: &[i64]) -> Option<(i64, i64)> {
    let amount = due.checked_add(piece - 1)? / piece * piece;
    if amount == due {
        return None;
    }
    // The smallest piece is this one, so that leaving it out would be too little.
    let mut rest = amount - piece;
    let mut count = 1;
    for larger in pieces.iter().filter(|larger| **larger >= piece) {
        count += rest / larger;
        rest %= larger;
    }
    let count = if rest == 0 { count } else { amount / piece };
    (count > 1 && count <= PIECES_MAX).then_some((count, amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_domain::drawer::denominations;
    use aurapos_domain::money::Currency;

    #[test]
    fn what_customers_hand_over() {
        let table: &[(i64, &[i64])] = &[
            (0, &[]),
            (-500, &[]),
            (5, &[]),
            (85, &[100, 200, 500]),
            (130, &[200, 500, 1000]),
            (320, &[400, 500, 1000, 2000]),
            (1000, &[2000, 5000, 10_000]),
            (1565, &[1600, 2000, 5000, 10_000]),
            (4730, &[5000, 6000, 10_000, 20_000]),
            (5000, &[6000, 10_000, 20_000, 50_000]),
            (10_240, &[10_500, 11_000, 12_000, 20_000]),
            (26_000, &[30_000, 40_000, 50_000]),
            (123_450, &[150_000]),
            (234_500, &[]),
        ];
        for (due, expected) in table {
            assert_eq!(suggested(*due, denominations(Currency::EUR), 100), *expected, "{due}");
        }
    }

    #[test]
    fn every_suggestion_pays_and_stands_once() {
        for due in (1..60_000).step_by(37) {
            let list = suggested(due, denominations(Currency::EUR), 100);
            assert!(list.len() <= NOTES_MAX, "{due}: {list:?}");
            assert!(list.iter().all(|amount| *amount > due && amount % 100 == 0), "{due}: {list:?}");
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{due}: {list:?}");
        }
    }

    #[test]
    fn a_currency_without_a_list_has_no_suggestions() {
        assert_eq!(suggested(1565, &[], 100), Vec::<i64>::new());
    }
}
