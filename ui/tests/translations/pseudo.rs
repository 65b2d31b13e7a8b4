//! The pseudo-language: every letter with a mark on it, every text in brackets and 40 % longer, a short one by more. What is not marked on a
//! screen is not translated; what does not end in a bracket is cut off.

const LETTERS: &str =
    "AÀBƁCÇDÐEÉFƑGĜHĤIÎJĴKĶLĹMṀNÑOÖPÞQǪRŔSŠTŢUÛVṼWŴXẊYÝZŽaàbƀcçdðeéfƒgĝhĥiîjĵkķlĺmṁnñoöpþqǫrŕsštţuûvṽwŵxẋyýzž";

/// The text in the pseudo-language.
pub fn long(text: &str) -> String {
    let mut told = String::from("[");
    let mut place = false;
    for sign in text.chars() {
        place = (place || sign == '{') && sign != '}';
        told.push(if place { sign } else { marked(sign) });
    }
    told.push(' ');
    // In words, so that a long text is broken like one.
    let wanted = wanted(text.chars().count()) * 10;
    while (told.chars().count() + 1) * 10 < wanted || told.ends_with(' ') {
        told.push('·');
        if told.ends_with("······") && (told.chars().count() + 2) * 10 < wanted {
            told.push(' ');
        }
    }
    told.push(']');
    told
}

/// A short word grows by more: “Lock” is “Vergrendelen”.
fn wanted(letters: usize) -> usize {
    let longer = (letters * 14).div_ceil(10);
    if letters > 2 { longer.max(letters + 7) } else { longer }
}

fn marked(sign: char) -> char {
    let mut letters = LETTERS.chars();
    while let (Some(plain), Some(mark)) = (letters.next(), letters.next()) {
        if plain == sign {
            return mark;
        }
    }
    sign
}
