// The part of TextMesh Pro that a sample uses.
using UnityEngine;

namespace TMPro
{
    public enum TextAlignmentOptions { TopLeft = 257, Top = 258, Center = 514, Bottom = 1026 }

    public abstract class TMP_Text : Behaviour
    {
        public virtual string text { get; set; } = "";
        public float fontSize { get; set; }
        public bool isRightToLeftText { get; set; }
        public TextAlignmentOptions alignment { get; set; }
        public RectTransform rectTransform { get; } = new RectTransform();
    }

    public class TextMeshProUGUI : TMP_Text { }
}
